import { apiNamed } from '../client/api/apis.ts';
import type { Job } from '../load/job.ts';
import { planRequests } from '../plan/plan.ts';
import type { WorkerTask } from './worker-messages.ts';

/** A planned request with its serialised body. */
export interface LoadJob extends Job {
  body: Uint8Array;
  input: number | null;
  output: number;
}

/**
 * Yields the requests that this worker may send. Open loop with N workers: request i if i mod N is the worker's number. Closed loop:
 * all requests, because the worker that has the next free slot is only known during the run.
 */
export function* loadJobs(
  task: Pick<WorkerTask, 'scenario' | 'model' | 'calibration' | 'profile' | 'worker' | 'workers' | 'prompts'>,
): Generator<LoadJob> {
  const { scenario, model, calibration, profile, worker, workers } = task;
  const api = apiNamed(scenario.endpoint.api);
  const encoder = new TextEncoder();
  const isClosed = scenario.load.concurrency !== null;
  const share = isClosed ? { index: 0, of: 1 } : { index: worker, of: workers };
  for (const request of planRequests(scenario, { calibration, prompts: task.prompts }, share)) {
    const body = api.body({
      model,
      prompt: request.prompt,
      maxTokens: request.output,
      profile: profile,
      extra: scenario.endpoint.body,
    });
    yield {
      i: request.i,
      planned_us: request.planned_us,
      phase: request.phase,
      body: encoder.encode(JSON.stringify(body)),
      input: request.input,
      output: request.output,
    };
  }
}
