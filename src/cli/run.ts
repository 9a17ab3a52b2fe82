import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { tooNear } from '../calibrate/ceiling.ts';
import { calibrationFile, readCeiling } from '../calibrate/store.ts';
import { EXIT, GoodputError } from '../errors.ts';
import { TRUTH_FILE } from '../record/truth-log.ts';
import type { Progress } from '../render/progress-writer.ts';
import { environment } from '../health/environment.ts';
import { Run, type RunResult } from '../run/run.ts';
import { highestRate, workerCount } from '../run/worker-count.ts';
import type { Flags } from '../scenario/keys/options.ts';
import type { Resolved, Scenario } from '../scenario/keys/scenario.ts';
import { engineOf } from '../simulate/engine-settings.ts';
import { startEndpoint, type StartedEndpoint } from '../simulator/index.ts';
import { formatDuration } from '../units.ts';
import { meanLength } from '../lengths.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import type { Io } from './io.ts';
import { failFast } from './fail-fast.ts';
import { carryOutScenario } from './one-run.ts';
import { STOPS } from './stops.ts';
import { VERSION } from './version.ts';

/** After a second Ctrl-C the process is gone within this time. */
const LEAVE_WITHIN_MS = 3000;

/**
 * `goodput run`: resolves, measures, records, scores, reports.
 * @returns the exit code
 * @throws {GoodputError} kind `usage`, before anything is sent
 */
export const runCommand = (path: string | null, flags: Flags, io: Io): Promise<number> =>
  carryOutScenario(
    path,
    flags,
    {
      virtual: false,
      carryOut: measure,
      check: ({ endpoint }) => {
        if (flags['audit-truth'] !== true || endpoint.simulated) return;
        throw new GoodputError('usage', '--audit-truth: only the simulated endpoint tells the truth', {
          hint: 'Leave --url away; or copy the log of goodput serve --log into the run folder as truth.jsonl and ask goodput report.',
        });
      },
      fears: (scenario) => nearCeiling(scenario, io),
    },
    io,
  );

/** What `goodput calibrate` found out about this machine, if it was asked, set against what the scenario asks of it. */
async function nearCeiling(scenario: Scenario, io: Io): Promise<string[]> {
  const ceiling = await readCeiling(calibrationFile(io.env), environment());
  if (ceiling === null) return [];
  const { load, workload } = scenario;
  const rate = highestRate(load);
  const tokens = workload.prompts === null ? meanLength(workload.output) : null;
  return tooNear(
    {
      requests_per_s: rate,
      events_per_s: rate === null || tokens === null ? null : rate * tokens,
      streams: load.concurrency,
      workers: workerCount(scenario, availableParallelism()),
    },
    ceiling,
  );
}

/** Carries a run out on the real clock, with the embedded endpoint where the scenario names none. */
export async function measure(
  resolved: Resolved,
  prompts: readonly PromptEntry[] | null,
  progress: Progress,
  warn: (text: string) => void,
  stopped = (): boolean => false,
): Promise<RunResult> {
  const { scenario } = resolved;
  const endpoint = scenario.endpoint.simulated ? await embedded(scenario) : null;
  const run: Run = new Run({
    resolved,
    url: endpoint?.url ?? scenario.endpoint.url!,
    prompts,
    version: VERSION,
    ...(endpoint === null
      ? {}
      : {
          said: endpoint.said,
          began: (dir, origin_ns) => endpoint.begin(join(dir, TRUTH_FILE), origin_ns),
        }),
    ...failFast(scenario, (reason) => run.stopForGate(reason), warn),
    io: { progress: (state) => progress.update(state), warn },
  });
  try {
    return await untilInterrupted(run, scenario, warn, stopped);
  } finally {
    const closed = await endpoint?.close();
    if (closed !== undefined && closed.ignored.length > 0)
      warn(`the simulated endpoint ignored ${closed.ignored.join(', ')} (docs/simulator.md)`);
    if (closed?.logProblem) warn(`what the endpoint did is not wholly known: ${closed.logProblem}`);
  }
}

/** The endpoint that a scenario's `simulator:` describes, in a thread of this process. */
export function embedded({ simulator, seed }: Scenario): Promise<StartedEndpoint> {
  const { engine, cost } = engineOf(simulator);
  const { dialect, naturalLength, faults } = simulator;
  return startEndpoint({ engine, cost, dialect, naturalLength, faults, seed });
}

/**
 * Carries out what Ctrl-C may stop: the first lets it end in good order, the second at once, the third leaves.
 * @param stopped whether it was pressed before, while things were made ready
 */
export async function untilInterrupted(
  run: { interrupt(): void; carryOut(): Promise<RunResult> },
  scenario: Scenario,
  warn: (text: string) => void,
  stopped = (): boolean => false,
): Promise<RunResult> {
  let presses = 0;
  const onSignal = (): void => {
    presses++;
    // Whatever still holds the process then is not worth waiting for: what was recorded is on the disk.
    if (presses > 1) setTimeout(() => process.exit(EXIT.interrupted), LEAVE_WITHIN_MS).unref();
    if (presses > 2) process.exit(EXIT.interrupted);
    if (presses === 1)
      warn(
        `interrupted: nothing more is sent; in-flight requests get up to ${formatDuration(scenario.load.drain)} to finish (press Ctrl-C again to cut them off)`,
      );
    if (presses === 2) warn('interrupted again: in-flight requests are cut off');
    run.interrupt();
  };
  for (const signal of STOPS) process.on(signal, onSignal);
  try {
    if (stopped()) run.interrupt();
    return await run.carryOut();
  } finally {
    for (const signal of STOPS) process.off(signal, onSignal);
  }
}
