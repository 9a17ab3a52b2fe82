import { EXIT, GoodputError } from '../../errors.ts';
import type { RunMode } from '../../measure/carry-out.ts';
import { measureSweep } from '../../multi-run/sweep.ts';
import { SWEEPS } from '../../render/exporters.ts';
import { quote } from '../../render/layout/quote.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { resolveRuns, type SweepRuns } from '../../scenario/runs.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import { stopOfRuns, withRunHooks } from '../console/run-hooks.ts';
import { scenarioSources } from './scenario-sources.ts';

/**
 * `goodput sweep`: measures a run for each point of a sweep, which lists in flags or `sweep:` in the scenario define.
 * @returns the exit code
 * @throws {GoodputError} as `runSweep`; also kind `usage` if there is no list of loads or lengths
 */
export async function sweepCommand(
  path: string | null,
  flags: Flags,
  mode: RunMode,
  io: Io,
): Promise<number> {
  const runs = resolveRuns({ ...(await scenarioSources(path, flags, io, mode)), axes: true });
  if (runs.kind === 'sweep') return runSweep(runs, flags, mode, io);
  throw new GoodputError(
    'usage',
    `${path === null ? '' : `${path}: `}there is no list of loads or lengths to sweep`,
    {
      hint: 'give a list, such as --rate 1/s,2/s,4/s, or sweep: { rate: [1/s, 2/s, 4/s] } in the scenario; goodput run measures one load',
    },
  );
}

/**
 * Measures a sweep and reports it.
 * @returns the exit code: 105 if it was interrupted, 98 if no run is valid, else 0
 * @throws {GoodputError} kind `usage` before anything is sent; other kinds if a run could not do its work
 */
export async function runSweep(runs: SweepRuns, flags: Flags, mode: RunMode, io: Io): Promise<number> {
  const outputs = await openOutputs(flags, SWEEPS, io);
  try {
    const found = await withRunHooks(flags, io, stopOfRuns(runs.resolved.scenario), (hooks) =>
      measureSweep(runs, mode, hooks),
    );
    await outputs.write(found, io, `the same command with --out ${quote(found.dir)}`);
    if (found.isInterrupted) return EXIT.interrupted;
    const { points } = found.document;
    return points.every(({ summary }) => summary.audit.status === 'invalid') ? EXIT.invalid : EXIT.ok;
  } finally {
    await outputs.close();
  }
}
