import type { ComparedRuns } from '../compare/ranking.ts';
import { EXIT, GoodputError } from '../errors.ts';
import { carryOut, type RunMode } from '../measure/carry-out.ts';
import type { RunHooks } from '../measure/hooks.ts';
import { readData } from '../measure/read-data.ts';
import {
  createRounds,
  readRounds,
  ROUNDS_VERSION,
  roundsFolder,
  type RoundsRecord,
} from '../record/rounds-json.ts';
import type { Rounds } from '../scenario/runs.ts';
import { VERSION } from '../version.ts';
import { carryOutRounds, type RoundsInProgress } from './carry-out-rounds.ts';
import { compareRounds } from './compare-rounds.ts';
import { earlierRounds } from './earlier-rounds.ts';
import { DEFAULT_ROUNDS, runsOfRounds } from './round-runs.ts';

/** Rounds that were measured and compared. */
export interface MeasuredRounds {
  /** The folder of the rounds. */
  dir: string;
  isInterrupted: boolean;
  /** The comparison; the reason why there is none if the rounds were interrupted before one was complete. */
  comparison: ComparedRuns | { missing: string };
}

/**
 * Measures rounds of several endpoints and compares them. In each round every endpoint carries out the same plan; each round has its own
 * seed, and the endpoint that comes first changes from round to round. With the folder of an earlier call as `out`, only missing runs
 * are measured.
 * @throws {GoodputError} kind `usage` before anything is sent; other kinds if a run could not do its work
 */
export async function measureRounds(rounds: Rounds, mode: RunMode, hooks: RunHooks): Promise<MeasuredRounds> {
  const { scenario } = rounds.endpoints[0].resolved;
  const data = await readData(scenario, hooks.onStep);
  for (const warning of rounds.warnings) hooks.onWarning(warning);
  if (scenario.gates.length > 0)
    hooks.onWarning('gates do not decide a comparison; set its failing verdict with --fail-on (failOn)');

  const begun = await begin(rounds);
  if (begun.done > 0) hooks.onStep(resumedText(begun));
  await carryOutRounds(begun, (resolved, runHooks) => carryOut({ mode, resolved, data }, runHooks), hooks);
  const { folder, record } = begun;
  const isInterrupted = record.status === 'interrupted';
  try {
    const comparison = await compareRounds(folder.dir, record, scenario.comparing, {
      strict: scenario.run.strict,
      slos: null,
    });
    if (isInterrupted) comparison.compared.verdict.exitCode = EXIT.interrupted;
    return { dir: folder.dir, isInterrupted, comparison };
  } catch (problem) {
    if (!isInterrupted || !(problem instanceof GoodputError)) throw problem;
    return { dir: folder.dir, isInterrupted, comparison: { missing: problem.message } };
  }
}

interface Begun extends RoundsInProgress {
  /** The number of runs that an earlier call has measured. */
  done: number;
}

/** Creates a folder, or opens the one that `out` names if an earlier call began it. */
async function begin({ endpoints }: Rounds): Promise<Begun> {
  const { name, seed, run, rounds: declared } = endpoints[0].resolved.scenario;
  const { out } = run;
  const before = out === null ? null : await readRounds(out);
  const rounds = Math.max(declared ?? DEFAULT_ROUNDS, ...(before?.runs ?? []).map(({ round }) => round));
  const runs = runsOfRounds(endpoints, rounds, seed);
  if (before !== null) {
    const { record, left } = await earlierRounds(out!, before, runs);
    const resumed: RoundsRecord = { ...record, rounds, status: 'running' };
    return { folder: roundsFolder(out!), record: resumed, runs: left, done: runs.length - left.length };
  }
  const now = new Date();
  const folder = await createRounds(out === null ? { base: 'reports', name, now } : { dir: out });
  const record: RoundsRecord = {
    schemaVersion: ROUNDS_VERSION,
    version: VERSION,
    name,
    started: now.toISOString(),
    endpoints: endpoints.map((endpoint) => endpoint.name),
    rounds,
    status: 'running',
    runs: [],
  };
  return { folder, record, runs, done: 0 };
}

function resumedText({ folder, runs, done }: Begun): string {
  const complete = `${done} ${done === 1 ? 'run is' : 'runs are'} complete`;
  const left =
    runs.length === 0
      ? 'nothing is left to measure'
      : `${runs.length} ${runs.length === 1 ? 'is' : 'are'} left to measure`;
  return `resuming ${folder.dir}: ${complete}, ${left}`;
}
