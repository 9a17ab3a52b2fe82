import { didYouMean, type Result } from './errors.ts';
import {
  formatDuration,
  LONGEST_MS,
  parseCount,
  parseDuration,
  parseShare,
  type Milliseconds,
} from './units.ts';

/** What can go wrong with one request, by what the client sees. */
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

/** What can go wrong with the whole server. */
export const SERVER_FAULTS = ['refuse', 'stall'] as const;

export const FAULT_KINDS = [...REQUEST_FAULTS, ...SERVER_FAULTS] as const;

export type RequestFaultKind = (typeof REQUEST_FAULTS)[number];
export type ServerFaultKind = (typeof SERVER_FAULTS)[number];
export type FaultKind = RequestFaultKind | ServerFaultKind;

/** A fault that befalls requests. */
export interface RequestFault {
  kind: RequestFaultKind;
  /** Share of the requests, 0 … 1, drawn from the seed. */
  share: number;
  /** Only requests that arrive in this time since the start; `null`: to the end. */
  from: Milliseconds;
  until: Milliseconds | null;
  /** The most requests that it befalls: the first of those that it would; `null`: all. */
  times: number | null;
  /** Tokens written before it comes (reset, hang, error, truncate, malformed). */
  after: number;
  /** How long the headers are held back (slow-headers). */
  for: Milliseconds;
  /** The value of `retry-after` (429, 503, 529); `null`: no such header. */
  retryAfter: Milliseconds | null;
  /** Requests that the headers of a rate limit name (429). */
  limit: number;
  /** Tokens of a write (coalesce). */
  tokens: number;
}

/** A fault that befalls the server at an instant since the start. */
export interface ServerFault {
  kind: ServerFaultKind;
  at: Milliseconds;
  for: Milliseconds;
  /** Again so long after it began, and so on; `null`: once. */
  every: Milliseconds | null;
}

export type Fault = RequestFault | ServerFault;

export const isServerFault = (fault: Fault): fault is ServerFault =>
  SERVER_FAULTS.some((kind) => kind === fault.kind);

const WHICH = ['share', 'from', 'until', 'times'] as const;
const SPOKEN = [...WHICH, 'after'] as const;
const TIMED = ['at', 'for', 'every'] as const;

/** What may be said of each kind. */
const KEYS: Record<FaultKind, readonly string[]> = {
  'reset-before-headers': WHICH,
  reset: SPOKEN,
  hang: SPOKEN,
  error: SPOKEN,
  truncate: SPOKEN,
  malformed: SPOKEN,
  '429': [...WHICH, 'retry-after', 'limit'],
  '500': WHICH,
  '503': [...WHICH, 'retry-after'],
  '529': [...WHICH, 'retry-after'],
  'slow-headers': [...WHICH, 'for'],
  split: WHICH,
  coalesce: [...WHICH, 'tokens'],
  refuse: TIMED,
  stall: TIMED,
};

/** A mistake in the text of a fault: what is wrong, where, and the fix. */
export interface FaultMistake {
  wrong: string;
  /** Where in the text, from 0. */
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
 * Reads a fault: its kind, then what more is to be said of it, parted by blanks or commas.
 *
 *     reset after=3 share=5%          429 share=1% retry-after=2s      slow-headers for=2s from=10s until=20s
 *     stall at=10s for=500ms          refuse at=20s for=2s every=60s   coalesce tokens=8
 *     503 times=2                     529 retry-after=1s
 *
 * Without `share` it befalls every request; without `from` and `until` the whole time; with `times`, no more requests than these.
 */
export function parseFault(text: string): Result<Fault, FaultMistake[]> {
  const words = [...text.matchAll(/[^\s,]+/g)];
  const [first, ...rest] = words;
  const kind = FAULT_KINDS.find((known) => known === first?.[0]);
  if (kind === undefined) {
    const offset = first?.index ?? 0;
    const expected = `one of ${FAULT_KINDS.join(', ')}`;
    const meant = first === undefined ? null : didYouMean(first[0], FAULT_KINDS);
    const wrong = first === undefined ? 'this is no fault' : `"${first[0]}" is no fault`;
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
      const wrong = `"${key}" is nothing that ${kind} has`;
      mistakes.push({ wrong, offset, expected: KEYS[kind].map((known) => `${known}=`).join(', '), meant });
    } else if (items.findIndex((item) => item.key === key) < k) {
      mistakes.push({ wrong: `${key} is said twice`, offset });
    }
  }
  const read = new Reader(items, mistakes);
  const value: Fault =
    kind === 'refuse' || kind === 'stall' ? serverFault(kind, read) : requestFault(kind, read);
  return mistakes.length > 0 ? { ok: false, problem: mistakes } : { ok: true, value };
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

  lacks(wrong: string, expected: string): void {
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

function requestFault(kind: RequestFaultKind, read: Reader): RequestFault {
  const from = read.duration('from') ?? 0;
  const until = read.duration('until');
  if (until !== null && until <= from) read.lacks('until is not after from', 'a later time');
  return {
    kind,
    share: read.share() ?? 1,
    from,
    until,
    times: read.count('times', 1),
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
    if (!read.has(key)) read.lacks(`${kind} lacks ${key}`, `it, as in "${kind} at=10s for=500ms"`);
  }
  if (every !== null && lasts !== null && every <= lasts)
    read.lacks('it begins again before it is over', 'every= longer than for=');
  return { kind, at: at ?? 0, for: lasts ?? 0, every };
}
