import { GoodputError } from '../errors.ts';
import type { EventDeltas, SampleError, SampleSetUp } from '../sample.ts';
import { plausibleTokens } from '../token-counts.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import type { Answer } from './api/api.ts';
import type { Exchange } from './client.ts';
import type { SetUp } from './connection/dial.ts';
import type { Failure } from './http/failures.ts';
import type { ResponseHeaders } from './http/headers.ts';
import { keptHeaders, retryAfterMs } from './http/headers.ts';
import { redactJson } from './connection/secret-redactor.ts';

/** Facts about a request when it ends. Instants are whole microseconds of the client's clock. */
export interface FlightFacts {
  sent: Microseconds | null;
  headersAt: Microseconds | null;
  ended: Microseconds;
  /** The first is an instant, each later one a difference, like in a sample. */
  events: EventDeltas;
  status: number | null;
  headers: ResponseHeaders;
  reused: boolean | null;
  setUp: SetUp | null;
  bytes: number;
  isHttp2: boolean;
  failure: Failure | null;
  answer: Answer;
  /** Current time, needed for a retry-after that is a date. */
  epochMs: Milliseconds;
  redact: (text: string) => string;
}

/**
 * Returns the result of a request.
 * @throws {GoodputError} of kind `defect` if an instant precedes the send: no figure is better than a negative one
 */
export function buildExchange(facts: FlightFacts): Exchange {
  const { answer, failure, redact } = facts;
  checkOrder(facts);
  const tokens = plausibleTokens({
    n: answer.n,
    input_tokens: answer.input_tokens,
    cached_tokens: answer.cached_tokens,
    output_tokens: answer.output_tokens,
    reasoning_tokens: answer.reasoning_tokens,
    hidden_tokens: answer.hidden_tokens,
    tokens_from: answer.tokens_from,
    ...(answer.usage_problem === null ? {} : { usage_problem: answer.usage_problem }),
  });
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(keptHeaders(facts.headers))) headers[name] = redact(value);
  return {
    sent_us: facts.sent,
    headers_us: facts.headersAt,
    ended_us: facts.ended,
    events_us: facts.events,
    ...tokens,
    answer: answer.answer,
    outcome: failure?.outcome ?? 'ok',
    status: facts.status,
    finish: answer.finish === null ? null : redact(answer.finish),
    error: failure === null ? null : buildError(failure, facts),
    ...(answer.choices === undefined ? {} : { choices: answer.choices }),
    ...(answer.words === null ? {} : { words: answer.words }),
    ...(answer.server_timing == null ? {} : { server_timing: answer.server_timing }),
    reused: facts.reused,
    connect_us: facts.setUp?.total ?? null,
    ...(facts.setUp === null ? {} : { set_up: setUpOf(facts.setUp) }),
    bytes_in: facts.bytes,
    ...(facts.isHttp2 ? { http: '2' as const } : {}),
    headers,
    ...redactJson(answer.kept, redact),
  };
}

function checkOrder({ sent, headersAt, events, ended }: FlightFacts): void {
  const [first = headersAt] = events;
  for (const [name, at] of Object.entries({ headers: headersAt, 'first event': first, end: ended }))
    if (sent !== null && at !== null && at < sent)
      throw new GoodputError(
        'defect',
        `the ${name} of a request was stamped ${sent - at} µs before its send`,
      );
}

const setUpOf = ({ dns, tcp, proxy, tls }: SetUp): SampleSetUp => ({
  ...(dns === null ? {} : { dns_us: dns }),
  ...(tcp === null ? {} : { tcp_us: tcp }),
  ...(proxy === null ? {} : { proxy_us: proxy }),
  ...(tls === null ? {} : { tls_us: tls }),
});

function buildError({ error }: Failure, facts: FlightFacts): SampleError {
  const wait = (facts.status ?? 0) >= 300 ? retryAfterMs(facts.headers, facts.epochMs) : null;
  return {
    ...error,
    message: facts.redact(error.message),
    ...(error.code === undefined ? {} : { code: facts.redact(error.code) }),
    ...(wait === null ? {} : { retry_after_ms: wait }),
  };
}
