import { isDeepStrictEqual } from 'node:util';
import type { Exchange } from '../../src/client/client.ts';
import { decodeSample, encodeSample } from '../../src/record/samples-jsonl.ts';
import { OUTCOMES, type Sample } from '../../src/sample.ts';
import type { FuzzResponse } from './responses.ts';

/** Things that must not happen, whatever a server sends. */
export const KINDS = [
  'crashes',
  'hangs',
  'internal exceptions',
  'exceptions recorded as failures',
  'differences',
  'invalid samples',
  'polluted prototypes',
] as const;

export type Kind = (typeof KINDS)[number];

export interface Finding {
  kind: Kind;
  detail: string;
}

/** Messages of JavaScript engines for programming errors. No generated response contains them. */
const EXCEPTION =
  /is not (a function|iterable|defined|a constructor)|Cannot (read|set|convert|destructure|mix)|call stack|Invalid (array|string|typed)|out of (range|memory)|ERR_ASSERTION|evaluated to a falsy|Unexpected token|circular structure/i;

/** The sample of a request. */
export function sampleOf(exchange: Exchange, i: number): Sample {
  const planned_us = exchange.sent_us ?? exchange.ended_us;
  const plan = { i, worker: 0, phase: 'measure', planned_us, released_us: null } as const;
  return { ...plan, planned_input: 8, planned_output: 8, ...exchange };
}

export function findingsIn(exchange: Exchange): Finding[] {
  const { outcome, error, finish, n, events_us } = exchange;
  const found: Finding[] = [];
  const invalid = (detail: string): void => void found.push({ kind: 'invalid samples', detail });
  if (
    error !== null &&
    outcome !== 'http_error' &&
    outcome !== 'rate_limited' &&
    EXCEPTION.test(error.message)
  )
    found.push({ kind: 'exceptions recorded as failures', detail: `${outcome}: ${error.message}` });
  if (!OUTCOMES.includes(outcome)) invalid(`the outcome is ${outcome}`);
  if ((outcome === 'ok') !== (error === null)) invalid(`${outcome} with the error ${JSON.stringify(error)}`);
  if (outcome === 'ok' && finish === null) invalid('ok without a finish reason');
  if (error !== null && (error.message === '' || error.message.length > 4096))
    invalid(`a message of ${error.message.length} characters`);
  if (n !== null && n.length !== events_us.length)
    invalid(`n has ${n.length} counts of ${events_us.length} events`);
  try {
    const line = encodeSample(sampleOf(exchange, 0));
    if (encodeSample(decodeSample(line)) !== line) invalid(`it is read back otherwise: ${line}`);
  } catch (error) {
    invalid(`it cannot be read back: ${(error as Error).message}`);
  }
  return found;
}

/**
 * Returns what both ways of reading must agree on. The rest are instants, and the text that only one of them keeps.
 * If a body is not a stream, the message quotes its first read, whose length is random.
 */
const facts = ({ outcome, status, finish, error, events_us, ...rest }: Exchange): object => ({
  outcome,
  status,
  finish,
  error: error?.message.replaceAll(/127\.0\.0\.1:\d+|; the server wrote: [^]*/g, '') ?? null,
  code: error?.code ?? null,
  events: events_us.length,
  n: rest.n,
  answer: rest.answer,
  tokens: [
    rest.input_tokens,
    rest.cached_tokens,
    rest.output_tokens,
    rest.reasoning_tokens,
    rest.hidden_tokens,
  ],
  from: rest.tokens_from,
  problem: rest.usage_problem ?? null,
});

/**
 * Returns true if the outcome of a request may be chance: a timeout, or a connection that the server was about to
 * close.
 */
const isChance = ({ outcome, reused }: Exchange): boolean =>
  outcome === 'timeout' || (outcome === 'connect' && reused === true);

/**
 * Compares two samples of one response.
 * @returns `null` if they agree or cannot be compared
 */
export function difference(fast: Exchange, plain: Exchange, response: FuzzResponse): Finding | null {
  // A reset may discard bytes that were not read yet.
  if (response.end === 'reset' || isChance(fast) || isChance(plain)) return null;
  const [one, other] = [facts(fast), facts(plain)];
  if (isDeepStrictEqual(one, other)) return null;
  return { kind: 'differences', detail: `by bytes ${JSON.stringify(one)}, by JSON ${JSON.stringify(other)}` };
}

const BUILT_IN = [Object, Array, Function, String, Number, Boolean, Promise, Map, Set, Buffer];
const before = BUILT_IN.map((type) => Reflect.ownKeys(type.prototype as object));

export function pollution(): Finding[] {
  const changed = BUILT_IN.filter(
    (type, k) => !isDeepStrictEqual(Reflect.ownKeys(type.prototype as object), before[k]),
  );
  const detail = changed.map(({ name }) => name).join(', ');
  return changed.length === 0 ? [] : [{ kind: 'polluted prototypes', detail }];
}
