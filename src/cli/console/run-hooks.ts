import { EXIT } from '../../errors.ts';
import type { RunHooks } from '../../measure/hooks.ts';
import { StopRequests } from '../../measure/stop-requests.ts';
import type { Scenario } from '../../scenario/keys/scenario.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { formatDuration } from '../../units.ts';
import type { Io } from './io.ts';
import { openStatusWriter, type StatusWriter } from './status-writer.ts';
import { onStopSignals } from './stop-signals.ts';

/** How a command reacts to Ctrl-C. */
export interface StopReaction {
  /** Writes what the nth Ctrl-C does. */
  report(count: number, status: StatusWriter): void;
  /** The process ends this long after the second Ctrl-C at the latest; `null`: not before the third. */
  exitAfter_ms: number | null;
}

/** The reaction of a command that measures runs with these time limits. */
export const stopOfRuns = ({ load: { drain } }: Pick<Scenario, 'load'>): StopReaction => ({
  report(count, { warn }) {
    if (count === 1)
      warn(
        `interrupted: nothing more is sent; in-flight requests get up to ${formatDuration(drain)} to finish (press Ctrl-C again to cut them off)`,
      );
    if (count === 2) warn('interrupted again: in-flight requests are cut off');
  },
  exitAfter_ms: 3000,
});

/**
 * Runs `work` with hooks that write its progress to stderr and stop it on Ctrl-C: the first stops it gracefully, the second cuts off
 * in-flight requests, the third ends the process. What was recorded is on the disk by then.
 */
export async function withRunHooks<T>(
  flags: Pick<Flags, 'quiet' | 'no-color'>,
  io: Io,
  reaction: StopReaction,
  work: (hooks: RunHooks) => Promise<T>,
): Promise<T> {
  const status = openStatusWriter(flags, io);
  const { progress, warn, say } = status;
  const stop = new StopRequests();
  const removeHandlers = onStopSignals(() => {
    const count = stop.count + 1;
    progress.keep();
    if (count > 2) process.exit(EXIT.interrupted);
    if (count === 2 && reaction.exitAfter_ms !== null)
      setTimeout(() => process.exit(EXIT.interrupted), reaction.exitAfter_ms).unref();
    reaction.report(count, status);
    stop.request();
  });
  try {
    return await work({
      onProgress: (state) => progress.update(state),
      onWarning: warn,
      onStep: say,
      stop,
    });
  } finally {
    removeHandlers();
    progress.end();
  }
}
