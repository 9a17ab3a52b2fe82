import { wrap } from '../../render/layout/wrap.ts';
import type { Io } from './io.ts';

/** The text in lines that fit a terminal, its words (paths, commands) whole; unchanged where a file or a pipe takes it. */
export function fitted(text: string, stream: Io['stderr']): string {
  if (!stream.isTTY || !(stream.columns > 0)) return text;
  return text
    .split('\n')
    .flatMap((line) => {
      const indent = /^ */.exec(line)![0];
      const room = stream.columns - indent.length - 2;
      return wrap(line.trimStart(), room, { whole: true }).map(
        (part, at) => indent + (at === 0 ? '' : '  ') + part,
      );
    })
    .join('\n');
}
