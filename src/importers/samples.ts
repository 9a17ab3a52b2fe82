import { LATEST_US, type WrittenSample } from '../record/samples-jsonl.ts';
import { assertPossible } from '../record/sample-order.ts';
import type { Microseconds } from '../units.ts';
import { wrongValue } from './fields.ts';
import type { ImportedRequest, Seconds } from './imported-request.ts';

/** The latest start: the year 5138 of the wall clock. */
const LATEST_START_S = 1e11;

const micros = (time: Seconds): Microseconds => Math.round(time * 1e6);

/**
 * Returns the samples of requests, numbered in the order of their starts, and sorted by their ends like those of every run. Start and
 * durations are rounded separately, so that a latency differs from that of the file by at most 0.5 µs.
 * @param origin_s the instant from which the run counts; `null`: each request counts from its own send
 * @throws {GoodputError} of kind `usage` naming a request whose times are impossible
 */
export function samplesOf(requests: readonly ImportedRequest[], origin_s: Seconds | null): WrittenSample[] {
  const inOrder = origin_s === null ? requests : requests.toSorted((a, b) => a.start_s! - b.start_s!);
  return inOrder
    .map((request, i) => sampleOf(request, i, origin_s))
    .toSorted((a, b) => a.ended_us - b.ended_us || a.i - b.i);
}

function sampleOf(request: ImportedRequest, i: number, origin_s: Seconds | null): WrittenSample {
  const { start_s, planned_s, connect_s, headers_s, events_s, end_s, where } = request;
  if (start_s !== null && !(start_s >= 0 && start_s <= LATEST_START_S))
    throw wrongValue(where, `its start is ${start_s}, which is not an instant in seconds`);
  const sent_us = origin_s === null ? 0 : micros(start_s! - origin_s);
  const events = events_s.map((at) => sent_us + micros(at));
  const last_us = events.at(-1) ?? sent_us;
  const headers_us = headers_s === null ? null : sent_us + micros(headers_s);
  const sample: WrittenSample = {
    i,
    worker: 0,
    phase: request.phase,
    planned_us:
      planned_s === null || origin_s === null
        ? null
        : Math.max(0, Math.min(sent_us, micros(planned_s - origin_s))),
    released_us: null,
    sent_us,
    headers_us,
    ended_us: Math.max(last_us, headers_us ?? 0, end_s === null ? 0 : sent_us + micros(end_s)),
    events_us: events.map((at, k) => (k === 0 ? at : at - events[k - 1]!)),
    n: request.n,
    answer: request.answer,
    outcome: request.outcome,
    status: request.status,
    finish: request.finish,
    error: request.error,
    input_tokens: request.input_tokens,
    cached_tokens: request.cached_tokens,
    output_tokens: request.output_tokens,
    reasoning_tokens: request.reasoning_tokens,
    hidden_tokens: null,
    tokens_from: request.output_tokens === null ? 'events' : request.tokens_from,
    planned_input: null,
    planned_output: request.planned_output,
    reused: connect_s === null ? null : connect_s === 0,
    connect_us: connect_s === null || connect_s === 0 ? null : micros(connect_s),
    bytes_in: 0,
    headers: {},
  };
  assertSound(sample, where);
  return sample;
}

function assertSound(sample: WrittenSample, where: string): void {
  if (!Number.isSafeInteger(sample.ended_us) || sample.ended_us > LATEST_US)
    throw wrongValue(where, 'it ends more than 104 days after the first request started');
  if (Array.from(sample.events_us).some((step, k) => k > 0 && step < 0))
    throw wrongValue(where, 'its events are not in the order of time');
  try {
    assertPossible({ ...sample, planned_us: sample.planned_us ?? 0 });
  } catch (error) {
    throw wrongValue(where, (error as Error).message);
  }
}
