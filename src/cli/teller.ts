import { openProgress, type Progress } from '../render/progress-writer.ts';
import type { Flags } from '../scenario/options.ts';
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
  return {
    progress,
    warn: (text) => progress.print(`warning: ${text}`),
    say: (text) => {
      if (quiet !== true) progress.print(text);
    },
  };
}
