import { GoodputError } from '../../errors.ts';
import type { RankOptions } from '../../measure/ranked-run.ts';
import { rankFrom } from '../../ranks/rank.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { PlanShare } from '../../scenario/keys/scenario.ts';
import type { ScenarioRuns } from '../../scenario/runs.ts';
import { LONGEST_MS, type Milliseconds, parseDuration } from '../../units.ts';
import type { Io } from '../console/io.ts';

const SEVERAL = { rounds: 'rounds of several endpoints', sweep: 'a sweep' } as const;

/** The time for all ranks to arrive, by default. */
const MEET_TIMEOUT_MS = 300_000;

/**
 * Returns how this process takes part in a run of several ranks; `null` if it has no rank.
 * @throws {GoodputError} kind `usage` as `rankOf`, or for `--meet` without a rank and a wrong `--meet-timeout`
 */
export function rankOptions(
  runs: Pick<ScenarioRuns, 'kind'>,
  flags: Flags,
  io: Pick<Io, 'env'>,
): RankOptions | null {
  const rank = rankOf(runs, flags, io);
  const { meet, 'meet-timeout': timeout } = flags;
  if (rank === null) {
    const unused = meet !== undefined ? '--meet' : timeout !== undefined ? '--meet-timeout' : null;
    if (unused === null) return null;
    throw new GoodputError('usage', `${unused}: this process has no rank`, {
      hint: 'Give it with --rank r/n, or start goodput with srun, an Indexed Job, mpirun or torchrun.',
    });
  }
  return { rank, meet: meet === undefined ? null : String(meet), timeout: timeoutFrom(timeout) };
}

function timeoutFrom(given: Flags['meet-timeout']): Milliseconds {
  if (given === undefined) return MEET_TIMEOUT_MS;
  const parsed = parseDuration(given);
  if (parsed.ok && parsed.value > 0 && parsed.value <= LONGEST_MS) return parsed.value;
  throw new GoodputError(
    'usage',
    `--meet-timeout: got "${String(given)}"; expected a duration with its unit, like 5m`,
  );
}

/**
 * Returns the rank of this process; `null` if the flags and the environment give none.
 * @throws {GoodputError} kind `usage` as `rankFrom`, or if the scenario describes several runs
 */
export function rankOf(
  { kind }: Pick<ScenarioRuns, 'kind'>,
  flags: Flags,
  { env }: Pick<Io, 'env'>,
): PlanShare | null {
  const rank = rankFrom(flags.rank as string | undefined, env);
  if (rank === null || kind === 'run') return rank;
  throw new GoodputError('usage', `ranks share one run, but the scenario describes ${SEVERAL[kind]}`, {
    hint:
      flags.rank === undefined
        ? 'Unset the variables of the scheduler, or give one endpoint and one load.'
        : 'Omit --rank, or give one endpoint and one load.',
  });
}
