import { asObject, type JsonObject } from '../client/http/json-values.ts';
import type { Exchange } from '../client/client.ts';
import { GoodputError } from '../errors.ts';
import { type PlannedFields, plannedFields } from '../plan/plan.ts';
import type { RequestShape } from '../preflight/preflight.ts';
import { loadJobs } from '../run/load-jobs.ts';
import type { LoadJob } from '../run/load-session.ts';
import { unsent } from '../sample.ts';
import type { Load, Scenario } from '../scenario/keys/scenario.ts';
import type { WorkloadData } from '../workload/data.ts';

/** A request of a batch. */
export interface BatchJob {
  planned: PlannedFields;
  model: string;
  /** Its body as `run` sends it, without the fields of streaming. */
  body: JsonObject;
}

/** Stands for the answer of a turn after which the next one does not repeat it. */
const ANSWERED: Exchange = { ...unsent(0), outcome: 'ok' };

const decoder = new TextDecoder();

/**
 * Yields the measured requests of a plan: those of its warm-up, and its instants, mean nothing in a batch.
 * @throws {GoodputError} kind `usage` if their number is not known beforehand, or a turn needs the answer to an earlier one
 */
export function* batchJobs(
  scenario: Scenario,
  data: WorkloadData | null,
  model: string,
  { calibration, profile }: RequestShape,
): Generator<BatchJob> {
  const { load } = scenario;
  assertCounted(load);
  let left = { requests: load.requests ?? Infinity, sessions: load.sessions ?? Infinity };
  if (load.concurrency === null) left = { requests: Infinity, sessions: Infinity };
  const share = { worker: 0, workers: 1 };
  for (const first of loadJobs({ scenario, model, calibration, profile, data, ...share })) {
    if (first.phase === 'warmup') continue;
    if (left.sessions-- <= 0) return;
    for (let job: LoadJob | null = first; job !== null; job = next(job)) {
      if (left.requests-- <= 0) return;
      yield {
        planned: plannedFields(job.of.planned, job.turn),
        model: job.of.planned.model ?? model,
        body: withoutStream(job.body),
      };
    }
  }
}

/** @throws {GoodputError} kind `usage` */
function assertCounted({ concurrency, requests, sessions, duration }: Load): void {
  if (concurrency === null || requests !== null || sessions !== null || duration === null) return;
  throw new GoodputError(
    'usage',
    'load: a closed loop with a duration has no number of requests to put into a batch',
    {
      hint: 'Give the number of requests: --requests N (load.requests).',
    },
  );
}

function next({ of, turn, isLast }: LoadJob): LoadJob | null {
  if (isLast) return null;
  if (!of.needsAnswer(turn)) return of.after(turn, ANSWERED);
  throw new GoodputError(
    'usage',
    `session ${of.planned.session}: its turn ${turn + 1} repeats the answer to turn ${turn}, for which a batch cannot wait`,
    { hint: 'Send recorded answers (history: recorded), none (history: none), or sessions of one turn.' },
  );
}

function withoutStream(bytes: Uint8Array): JsonObject {
  const { stream: _, stream_options: __, ...body } = asObject(JSON.parse(decoder.decode(bytes))) ?? {};
  return body;
}
