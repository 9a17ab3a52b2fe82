import { apiNamed } from '../client/api/apis.ts';
import type { Job } from '../load/job.ts';
import { planSessions, tagsOf } from '../plan/plan.ts';
import type { WorkerTask } from './worker-messages.ts';

/** A planned request with its serialised body. */
export interface LoadJob extends Job {
  session: number;
  turn: number;
  tags: Readonly<Record<string, string>> | null;
  body: Uint8Array;
  input: number | null;
  output: number;
}

/**
 * Yields the requests that this worker may send. Open loop with N workers: session s if s mod N is the worker's number. Closed loop:
 * all sessions, because the worker that has the next free slot is only known during the run.
 */
export function* loadJobs(
  task: Pick<WorkerTask, 'scenario' | 'model' | 'calibration' | 'profile' | 'worker' | 'workers' | 'data'>,
): Generator<LoadJob> {
  const { scenario, calibration, profile, worker, workers, data } = task;
  const api = apiNamed(scenario.endpoint.api);
  const encoder = new TextEncoder();
  const isClosed = scenario.load.concurrency !== null;
  const share = isClosed ? { index: 0, of: 1 } : { index: worker, of: workers };
  for (const session of planSessions(scenario, { calibration, data }, share)) {
    const [turn] = session.turns;
    const body = api.body({
      model: session.model ?? task.model,
      prompt: session.prompt(0),
      maxTokens: turn!.output,
      tools: turn!.tools,
      profile,
      extra: turn!.body === null ? scenario.endpoint.body : { ...turn!.body, ...scenario.endpoint.body },
    });
    yield {
      i: session.firstRequest,
      session: session.session,
      turn: 0,
      tags: tagsOf(session, turn!),
      planned_us: session.planned_us,
      phase: session.phase,
      body: encoder.encode(JSON.stringify(body)),
      input: turn!.input,
      output: turn!.output,
    };
  }
}
