import { didYouMean, type Result } from './errors.ts';
import {
  formatDuration,
  LONGEST_MS,
  parseCount,
  parseDuration,
  parseShare,
  type Milliseconds,
} from './units.ts';

/** Faults of a single request, named by what the client sees. */
export const REQUEST_FAULTS = [
  'reset-before-headers',
  'reset',
  'hang',
  'error',
  'truncate',
  'malformed',
  '429',
  '500',
  '503',
  '529',
  'slow-headers',
  'split',
  'coalesce',
] as const;

export const SERVER_FAULTS = ['refuse', 'stall'] as const;

/** Faults of a batch of the Batch API. */
export const BATCH_FAULTS = ['expire'] as const;

export const FAULT_KINDS = [...REQUEST_FAULTS, ...SERVER_FAULTS, ...BATCH_FAULTS] as const;

export type RequestFaultKind = (typeof REQUEST_FAULTS)[number];
export type ServerFaultKind = (typeof SERVER_FAULTS)[number];
export type BatchFaultKind = (typeof BATCH_FAULTS)[number];
export type FaultKind = RequestFaultKind | ServerFaultKind | BatchFaultKind;

/** Which requests, or which batches, a fault affects. */
export interface FaultSelection {
  /** Share of them, above 0 and at most 1, drawn from the seed. */
  share: number;
  /** Only those that arrive in this interval since the start; `until` is `null` for no end. */
  from: Milliseconds;
  until: Milliseconds | null;
  /** Maximum number of them; `null` for no limit. */
  times: number | null;
}

export interface RequestFault extends FaultSelection {
  kind: RequestFaultKind;
  /** Tokens written before the fault (reset, hang, error, truncate, malformed). */
  after: number;
  for: Milliseconds;
  /** Value of `retry-after` (429, 503, 529); `null` for no such header. */
  retryAfter: Milliseconds | null;
  /** Number of requests in the headers of a rate limit (429). */
  limit: number;
  /** Tokens per write (coalesce). */
  tokens: number;
}

/** A fault of the server at an instant since the start. */
export interface ServerFault {
  kind: ServerFaultKind;
  at: Milliseconds;
  for: Milliseconds;
  /** Time from one start to the next; `null` for once. */
  every: Milliseconds | null;
}

/** A fault of a batch: it expires when `after` of its requests have ended. */
export interface BatchFault extends FaultSelection {
  kind: BatchFaultKind;
  after: number;
}

export type Fault = RequestFault | ServerFault | BatchFault;

export const isBatchFault = (fault: Fault): fault is BatchFault =>
  BATCH_FAULTS.some((kind) => kind === fault.kind);

export const isRequestFault = (fault: Fault): fault is RequestFault =>
  !isServerFault(fault) && !isBatchFault(fault);

export const isServerFault = (fault: Fault): fault is ServerFault =>
  SERVER_FAULTS.some((kind) => kind === fault.kind);

const SELECTION = ['share', 'from', 'until', 'times'] as const;
const INTERRUPTION = [...SELECTION, 'after'] as const;
const SCHEDULE = ['at', 'for', 'every'] as const;

const KEYS: Record<FaultKind, readonly string[]> = {
  'reset-before-headers': SELECTION,
  reset: INTERRUPTION,
  hang: INTERRUPTION,
  error: INTERRUPTION,
  truncate: INTERRUPTION,
  malformed: INTERRUPTION,
  '429': [...SELECTION, 'retry-after', 'limit'],
  '500': SELECTION,
  '503': [...SELECTION, 'retry-after'],
  '529': [...SELECTION, 'retry-after'],
  'slow-headers': [...SELECTION, 'for'],
  split: SELECTION,
  coalesce: [...SELECTION, 'tokens'],
  refuse: SCHEDULE,
  stall: SCHEDULE,
  expire: INTERRUPTION,
};

/** A mistake in the text of a fault: what is wrong, where, and the fix. */
export interface FaultMistake {
  wrong: string;
  /** Position in the text, from 0. */
  offset: number;
  expected?: string;
  meant?: string | null;
}

interface Item {
  key: string;
  text: string;
  offset: number;
}

/**
 * Parses a fault: its kind, then its options, separated by blanks or commas.
 *
 *     reset after=3 share=5%          429 share=1% retry-after=2s      slow-headers for=2s from=10s until=20s
 *     stall at=10s for=500ms          refuse at=20s for=2s every=60s   coalesce tokens=8
 *     503 times=2                     529 retry-after=1s                expire after=50 (a batch)
 *
 * By default a fault affects every request (`share`, `times`) for the whole time (`from`, `until`).
 */
export function parseFault(text: string): Result<Fault, FaultMistake[]> {
  const words = [...text.matchAll(/[^\s,]+/g)];
  const [first, ...rest] = words;
  const kind = FAULT_KINDS.find((known) => known === first?.[0]);
  if (kind === undefined) {
    const offset = first?.index ?? 0;
    const expected = `one of ${FAULT_KINDS.join(', ')}`;
    const meant = first === undefined ? null : didYouMean(first[0], FAULT_KINDS);
    const wrong = first === undefined ? 'no fault is given' : `unknown fault "${first[0]}"`;
    return { ok: false, problem: [{ wrong, offset, expected, meant }] };
  }
  const mistakes: FaultMistake[] = [];
  const items = rest.map((word): Item => {
    const [key = '', value = ''] = word[0].split(/=(.*)/s);
    return { key, text: value, offset: word.index };
  });
  for (const [k, { key, offset }] of items.entries()) {
    if (!KEYS[kind].includes(key)) {
      const meant = didYouMean(key, KEYS[kind]);
      const wrong = `${kind} has no option "${key}"`;
      mistakes.push({ wrong, offset, expected: KEYS[kind].map((known) => `${known}=`).join(', '), meant });
    } else if (items.findIndex((item) => item.key === key) < k) {
      mistakes.push({ wrong: `duplicate option ${key}`, offset });
    }
  }
  const read = new Reader(items, mistakes);
  const value = faultOf(kind, read);
  return mistakes.length > 0 ? { ok: false, problem: mistakes } : { ok: true, value };
}

function faultOf(kind: FaultKind, read: Reader): Fault {
  if (kind === 'refuse' || kind === 'stall') return serverFault(kind, read);
  if (kind === 'expire') return { kind, ...selection(read), after: read.count('after', 0) ?? 1 };
  return requestFault(kind, read);
}

class Reader {
  readonly #items: readonly Item[];
  readonly #mistakes: FaultMistake[];

  constructor(items: readonly Item[], mistakes: FaultMistake[]) {
    this.#items = items;
    this.#mistakes = mistakes;
  }

  duration(key: string, least = 0): Milliseconds | null {
    const expected = `a duration${least > 0 ? ' above 0' : ''} of at most ${formatDuration(LONGEST_MS)}`;
    return this.#read(key, parseDuration, expected, (ms) => ms >= least && ms <= LONGEST_MS);
  }

  count(key: string, least: number): number | null {
    const fits = (n: number): boolean => Number.isSafeInteger(n) && n >= least;
    return this.#read(key, parseCount, `a whole number of at least ${least}`, fits);
  }

  share(): number | null {
    return this.#read(
      'share',
      parseShare,
      'a share above 0, at most 100%',
      (share) => share > 0 && share <= 1,
    );
  }

  report(wrong: string, expected: string): void {
    this.#mistakes.push({ wrong, offset: 0, expected });
  }

  has(key: string): boolean {
    return this.#items.some((item) => item.key === key);
  }

  #read(
    key: string,
    parse: (text: string) => Result<number, unknown>,
    expected: string,
    fits: (value: number) => boolean,
  ): number | null {
    const item = this.#items.find((each) => each.key === key);
    if (item === undefined) return null;
    const parsed = parse(item.text);
    if (parsed.ok && fits(parsed.value)) return parsed.value;
    this.#mistakes.push({ wrong: `${key} is "${item.text}"`, offset: item.offset, expected });
    return null;
  }
}

function selection(read: Reader): FaultSelection {
  const from = read.duration('from') ?? 0;
  const until = read.duration('until');
  if (until !== null && until <= from) read.report('until is not after from', 'a later time');
  return { share: read.share() ?? 1, from, until, times: read.count('times', 1) };
}

function requestFault(kind: RequestFaultKind, read: Reader): RequestFault {
  return {
    kind,
    ...selection(read),
    after: read.count('after', 0) ?? 1,
    for: read.duration('for', 1) ?? 1000,
    retryAfter: read.duration('retry-after') ?? (kind === '429' ? 1000 : null),
    limit: read.count('limit', 1) ?? 60,
    tokens: read.count('tokens', 2) ?? 4,
  };
}

function serverFault(kind: ServerFaultKind, read: Reader): ServerFault {
  const at = read.duration('at');
  const lasts = read.duration('for', 1);
  const every = read.duration('every', 1);
  for (const key of ['at', 'for']) {
    if (!read.has(key)) read.report(`${kind} needs ${key}`, `${key}=, as in "${kind} at=10s for=500ms"`);
  }
  if (every !== null && lasts !== null && every <= lasts)
    read.report('every is not longer than for', 'every= longer than for=');
  return { kind, at: at ?? 0, for: lasts ?? 0, every };
}
