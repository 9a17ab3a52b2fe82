import { wrap } from '../../render/layout/wrap.ts';
import type { Io } from './io.ts';

/** Returns the text in lines that fit the terminal, without breaking words (paths, commands); unchanged if the stream is not a terminal. */
export function fitted(text: string, stream: Io['stderr']): string {
  if (!stream.isTTY || !(stream.columns > 0)) return text;
  return text
    .split('\n')
    .flatMap((line) => {
      const indent = /^ */.exec(line)![0];
      const width = stream.columns - indent.length - 2;
      return wrap(line.trimStart(), width, { whole: true }).map(
        (part, at) => indent + (at === 0 ? '' : '  ') + part,
      );
    })
    .join('\n');
}
