import { styleOf } from '../../render/layout/style.ts';
import { openProgress, type Progress } from '../../render/progress-writer.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { fitted } from './fitted.ts';
import type { Io } from './io.ts';

/** Writes the progress and the messages of a command to stderr. */
export interface StatusWriter {
  progress: Progress;
  /** Writes a warning, with `--quiet` too. */
  warn(text: string): void;
  /** Writes what the command does now; nothing with `--quiet`. */
  say(text: string): void;
}

export function openStatusWriter(flags: Pick<Flags, 'quiet' | 'no-color'>, io: Io): StatusWriter {
  const progress = openProgress(io.stderr, {
    quiet: flags.quiet === true,
    term: io.env['TERM'],
    now: () => performance.now(),
    style: styleOf(io.stderr, io.env, { color: flags['no-color'] !== true }),
  });
  // However the process ends, the shell's prompt starts on a clean line.
  process.once('exit', () => progress.end());
  const print = (text: string): void => progress.print(fitted(text, io.stderr));
  return {
    progress,
    warn: (text) => print(`warning: ${text}`),
    say: (text) => {
      if (flags.quiet !== true) print(text);
    },
  };
}
