import { apiNamed } from '../client/api/apis.ts';
import { planSessions } from '../plan/plan.ts';
import { COMPLETE, shareWithin } from '../plan/share.ts';
import { followingOf } from '../workload/workload.ts';
import { type BodySettings, type LoadJob, LoadSession } from './load-session.ts';
import type { WorkerTask } from './worker-messages.ts';

/**
 * Yields the first turns of the sessions that this worker may send. Open loop with N workers: every N-th session of the process, from the
 * worker's number on. Closed loop: all sessions of the process, because the worker that has the next free slot is only known during the run.
 */
export function* loadJobs(
  task: Pick<WorkerTask, 'scenario' | 'model' | 'calibration' | 'profile' | 'worker' | 'workers' | 'data'>,
): Generator<LoadJob> {
  const { scenario, model, calibration, profile, worker, workers, data } = task;
  const settings: BodySettings = {
    api: apiNamed(scenario.endpoint.api),
    model,
    profile,
    extra: scenario.endpoint.body,
    following: followingOf(scenario.workload),
  };
  const isClosed = scenario.load.concurrency !== null;
  const ofProcess = scenario.load.share ?? COMPLETE;
  const share = isClosed ? ofProcess : shareWithin(ofProcess, { index: worker, of: workers });
  for (const session of planSessions(scenario, { calibration, data }, share))
    yield new LoadSession(session, settings).first();
}
