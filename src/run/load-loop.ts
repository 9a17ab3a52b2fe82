import { BroadcastChannel } from 'node:worker_threads';
import { ClosedLoop } from '../load/closed-loop.ts';
import type { Launcher } from '../load/job.ts';
import type { Lookahead } from '../load/lookahead.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { Cap, SharedCounters } from '../load/shared.ts';
import { turnsUntil_us, warmupEnd_us } from '../lifecycle/window.ts';
import { arrivals } from '../plan/arrivals.ts';
import { COMPLETE, isIn, shareWithin } from '../plan/share.ts';
import { startsOf } from '../plan/plan.ts';
import type { Microseconds } from '../units.ts';
import type { WorkloadSource } from '../workload/workload.ts';
import type { LoadJob } from './load-session.ts';
import type { WorkerTask } from './worker-messages.ts';

export type LoadLoop = OpenLoop<LoadJob> | ClosedLoop<LoadJob>;

/** The parts of a worker that its loop uses. */
interface LoopParts {
  jobs: Lookahead<LoadJob>;
  launcher: Launcher<LoadJob>;
  now: () => Microseconds;
}

/** Returns the loop that sends a worker's share of the plan, and a function that closes its connection to the other workers. */
export function makeLoop(
  task: WorkerTask,
  workload: Pick<WorkloadSource, 'count' | 'hasTurns'>,
  parts: LoopParts,
): { loop: LoadLoop; close: () => void } {
  const { scenario, worker, workers, channel } = task;
  const { load } = scenario;
  const counters = new SharedCounters(task.counters);
  const until_us = turnsUntil_us({ ...scenario, count: workload.count });
  if (load.concurrency !== null) {
    const loop = new ClosedLoop({
      ...parts,
      counters,
      share: load.share ?? COMPLETE,
      slots: Math.floor(load.concurrency / workers) + (worker < load.concurrency % workers ? 1 : 0),
      measureFrom_us: warmupEnd_us(load),
      measureTo_us: until_us,
      requests: load.requests,
      sessions: load.sessions,
    });
    return { loop, close: () => undefined };
  }
  const ranks = load.share?.of ?? 1;
  if (load.maxConcurrency === null)
    return {
      loop: new OpenLoop({ ...parts, until_us, cap: null, tickets: null, ranks }),
      close: () => undefined,
    };
  const others = workers > 1 ? new BroadcastChannel(channel) : null;
  const cap = new Cap(load.maxConcurrency, counters, () => others?.postMessage(null));
  if (others !== null) others.onmessage = () => cap.wake();
  const tickets = workload.hasTurns
    ? { take: () => counters.takeTicket(), starts: startsIn(task, workload) }
    : null;
  return { loop: new OpenLoop({ ...parts, until_us, cap, tickets, ranks }), close: () => others?.close() };
}

/** Yields the instants at which sessions of a worker start, in an open loop. */
function* startsIn(
  { scenario, worker, workers }: WorkerTask,
  workload: Pick<WorkloadSource, 'count'>,
): Generator<Microseconds, void> {
  const share = shareWithin(scenario.load.share ?? COMPLETE, { index: worker, of: workers });
  for (const { i, planned_us } of arrivals(startsOf(scenario, workload)))
    if (isIn(share, i)) yield planned_us;
}
