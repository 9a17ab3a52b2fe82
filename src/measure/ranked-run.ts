import { duration } from '../numbers.ts';
import { GoodputError } from '../errors.ts';
import { hostClock } from '../ranks/meeting/meeting.ts';
import { openMeeting } from '../ranks/meeting/open-meeting.ts';
import { planParts } from '../ranks/plan-parts.ts';
import { rankText } from '../ranks/rank.ts';
import type { RankStart, RunHeader } from '../record/header.ts';
import type { Meeting } from '../lifecycle/run-options.ts';
import type { RunResult } from '../run/run.ts';
import type { PlanShare } from '../scenario/keys/scenario.ts';
import type { SingleRun } from '../scenario/runs.ts';
import type { Milliseconds } from '../units.ts';
import type { RunHooks } from './hooks.ts';
import { carryOutSingleRun } from './single-run.ts';

/** How this process takes part in a run of several ranks. */
export interface RankOptions {
  rank: PlanShare;
  /** A folder that all ranks share, or the URL of rank 0; `null`: the rank starts when it is ready. */
  meet: string | null;
  /** The time for all ranks to arrive. */
  timeout: Milliseconds;
}

/**
 * Carries out the share of a rank. All preparations are done before the ranks meet; a rank that cannot start keeps the others from starting.
 * @throws {GoodputError} as `carryOutSingleRun`; also kind `usage` if there is no folder for all ranks, or no place to meet
 */
export async function carryOutRank(
  run: SingleRun,
  { rank, meet, timeout }: RankOptions,
  hooks: RunHooks,
): Promise<RunResult> {
  const { scenario } = run.resolved;
  if (scenario.run.out === null)
    throw new GoodputError('usage', `${rankText(rank)} needs --out DIR, the same folder for all ranks`, {
      hint: 'Each rank writes its run folder into it, and goodput merge DIR joins them. If this is the only process, give --rank 0/1 or unset the variables of the scheduler.',
    });
  if (scenario.endpoint.simulated && rank.of > 1)
    hooks.onWarning('each rank starts a simulated endpoint of its own: they share no server');
  const place =
    meet === null ? null : await openMeeting(meet, { rank, timeout, clock: hostClock() }, run.sources.env);
  const removeListener = hooks.stop.listen(() => void place?.leave('interrupted'));
  const arrive = async (header: RunHeader): Promise<Meeting> => {
    hooks.onStep(`${rankText(rank)} is ready, and waits for the others`);
    const meeting = await place!.meet({ id: header.id, parts: planParts(header) });
    hooks.onStep(`${rankText(rank)} ${startText(meeting.start)}`);
    return meeting;
  };
  try {
    const ranked = { rank, ...(place === null ? {} : { meet: arrive }) };
    const result = await carryOutSingleRun(run, 'real', hooks, ranked);
    await place?.leave(result.error?.message ?? 'its run ended');
    return result;
  } catch (error) {
    await place?.leave(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    removeListener();
    await place?.close();
  }
}

/** Returns how exactly a rank starts with rank 0. */
function startText({ by, offset_ms, error_ms }: RankStart): string {
  const bound = `starts within ${duration(error_ms)} of rank 0`;
  if (by === 'host') return `${bound}: they have the same clock`;
  if (offset_ms === null) return `${bound}: their wall clocks agree to within that`;
  return `${bound}; its wall clock is ${duration(Math.abs(offset_ms))} ${offset_ms < 0 ? 'behind' : 'ahead'}`;
}
