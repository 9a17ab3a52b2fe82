import { openProgress, type Progress } from '../render/progress-writer.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { fitted } from './fitted.ts';
import type { Io } from './io.ts';

/** What a command that measures tells on stderr. */
export interface Teller {
  progress: Progress;
  /** Also with `--quiet`. */
  warn(text: string): void;
  /** What it does now, beside the progress. */
  say(text: string): void;
}

export function openTeller({ quiet }: Pick<Flags, 'quiet'>, io: Io): Teller {
  const progress = openProgress(io.stderr, {
    quiet: quiet === true,
    term: io.env['TERM'],
    now: () => performance.now(),
  });
  // However the process ends, the shell's prompt starts on a clean line.
  process.once('exit', () => progress.end());
  const print = (text: string): void => progress.print(fitted(text, io.stderr));
  return {
    progress,
    warn: (text) => print(`warning: ${text}`),
    say: (text) => {
      if (quiet !== true) print(text);
    },
  };
}
