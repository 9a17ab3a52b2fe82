import { apiNamed } from '../client/api/api.ts';
import type { Job } from '../load/job.ts';
import { planRequests } from '../plan/plan.ts';
import type { WorkerTask } from './messages.ts';

/** A planned request with its body serialised. */
export interface LoadJob extends Job {
  body: Uint8Array;
  input: number | null;
  output: number;
}

/**
 * The plan as this worker fires it. Open loop: request i when i mod N is ours; closed loop: all of them, since which worker
 * has the next free slot is only known then.
 */
export function* loadJobs(
  task: Pick<WorkerTask, 'scenario' | 'model' | 'calibration' | 'asking' | 'worker' | 'workers' | 'prompts'>,
): Generator<LoadJob> {
  const { scenario, model, calibration, asking, worker, workers } = task;
  const api = apiNamed(scenario.endpoint.api);
  const encoder = new TextEncoder();
  const closed = scenario.load.concurrency !== null;
  const share = closed ? { index: 0, of: 1 } : { index: worker, of: workers };
  for (const request of planRequests(scenario, { calibration, prompts: task.prompts }, share)) {
    const body = api.body({
      model,
      prompt: request.prompt,
      maxTokens: request.output,
      asking,
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
