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
  const live = openProgress(io.stderr, {
    quiet: flags.quiet === true,
    term: io.env['TERM'],
    now: () => performance.now(),
    hasPanel: (io.env['CI'] ?? '') === '',
    style: styleOf(io.stderr, io.env, { color: flags['no-color'] !== true }),
  });
  // However the process ends, the shell's prompt starts on a clean line.
  const onExit = (): void => live.end();
  process.once('exit', onExit);
  const print = (text: string): void => live.print(fitted(text, io.stderr));
  return {
    progress: {
      ...live,
      end() {
        live.end();
        process.off('exit', onExit);
      },
    },
    warn: (text) => print(`warning: ${text}`),
    say: (text) => {
      if (flags.quiet !== true) print(text);
    },
  };
}
