import { z } from 'zod';
import { didYouMean } from '../../errors.ts';
import { formatDuration, formatRate, LONGEST_MS, parseCount, parseDuration, parseRate } from '../../units.ts';
import type { Parsed } from '../../units.ts';
import type { Checked } from './problem.ts';

/** What the reference and the defaults need to know of a key beyond its JSON Schema. */
export interface KeyInfo {
  /** In words, for people: "duration". */
  type: string;
  /** A default that holds unless one of the keys `unless` is set. */
  fallback?: unknown;
  unless?: readonly string[];
}

/** One entry a field; wrappers (optional, prefault) are looked through. */
export const keyInfo = z.registry<KeyInfo>();

interface FieldOptions extends KeyInfo {
  description: string;
  /** JSON Schema keywords for what people write. */
  json: Readonly<Record<string, unknown>>;
  examples?: readonly unknown[];
}

/** A schema from a parser that says what it expected. The issue's `params` are the `Problem`. */
export function field<T>(parse: (input: unknown) => Checked<T>, options: FieldOptions) {
  const { description, json, examples, ...info } = options;
  const schema = z
    .unknown()
    .transform((input, context): T => {
      const result = parse(input);
      if (result.ok) return result.value;
      context.issues.push({ code: 'custom', input, params: { ...result.problem } });
      return z.NEVER;
    })
    .meta({ ...json, description, ...(examples === undefined ? {} : { examples: [...examples] }) });
  return schema.register(keyInfo, info);
}

/** Turns the answer of a unit parser into a problem: its "(did you mean …?)" goes where every other one stands. */
function checked(parsed: Parsed): Checked<number> {
  if (parsed.ok) return parsed;
  const [, expected, meant] = /^(.*?)(?: \(did you mean (.*)\?\))?$/.exec(parsed.expected)!;
  return { ok: false, problem: { expected: expected!, meant } };
}

interface Limits {
  min?: number;
  above?: number;
  max?: number;
}

interface Kind {
  noun: string;
  integer?: boolean;
  show?: (value: number) => string;
}

function within(result: Checked<number>, { min, above, max }: Limits, kind: Kind): Checked<number> {
  if (!result.ok) return result;
  const { value } = result;
  const fits =
    Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (above === undefined || value > above) &&
    (max === undefined || value <= max) &&
    (kind.integer !== true || Number.isSafeInteger(value));
  if (fits) return result;
  const { noun, show = String } = kind;
  // Only the bound that was passed, or the lower one where the value is no such number at all.
  const isTooMuch = max !== undefined && value > max;
  const bound = isTooMuch
    ? ` of at most ${show(max)}`
    : min !== undefined
      ? ` of at least ${show(min)}`
      : above !== undefined
        ? ` above ${show(above)}`
        : '';
  return { ok: false, problem: { expected: noun + bound } };
}

type Rest = Omit<FieldOptions, 'type' | 'json' | 'description'>;

const DURATION_PATTERN = String.raw`^\s*\+?([\d_.]+(e[+-]?\d+)?\s*(us|µs|ms|s|min|m|h)\s*)+$|^0$|^\$\{\w+\}$`;
const RATE_PATTERN = String.raw`^\s*\+?[\d_.]+(e[+-]?\d+)?\s*(/\s*(sec|s|min|m|h))?\s*$|^\$\{\w+\}$`;
const COUNT_PATTERN = String.raw`^\s*\+?[\d_.]+(e[+-]?\d+)?[kM]?\s*$|^\$\{\w+\}$`;

const DURATION: Kind = { noun: 'a duration', show: formatDuration };

/** Milliseconds, from text with a unit. */
export function duration(description: string, limits: Limits, rest: Rest = {}) {
  const parse = (input: unknown): Checked<number> =>
    within(checked(parseDuration(input)), { max: LONGEST_MS, ...limits }, DURATION);
  const zero = limits.min === 0 ? [{ type: 'number', const: 0 }] : [];
  return field(parse, {
    type: 'duration',
    description,
    json: { anyOf: [{ type: 'string', pattern: DURATION_PATTERN }, ...zero] },
    examples: ['200ms', '1.5s', '2m'],
    ...rest,
  });
}

/** Per second. */
export function rate(description: string, rest: Rest = {}, limits: Limits = { above: 0 }) {
  const parse = (input: unknown): Checked<number> =>
    Array.isArray(input)
      ? elsewhere('a list of rates', 'sweep.rate', 'one rate, like 5/s')
      : within(checked(parseRate(input)), { max: 1e6, ...limits }, { noun: 'a rate', show: formatRate });
  return field(parse, {
    type: 'rate',
    description,
    json: {
      anyOf: [
        { type: 'string', pattern: RATE_PATTERN },
        { type: 'number', ...(limits.min === undefined ? { exclusiveMinimum: 0 } : { minimum: limits.min }) },
      ],
    },
    examples: ['5/s', '300/min'],
    ...rest,
  });
}

export function count(description: string, limits: Limits & { min: number }, rest: Rest = {}) {
  const parse = (input: unknown): Checked<number> =>
    Array.isArray(input)
      ? elsewhere('a list', 'sweep.concurrency', 'one count, like 500 or 10k')
      : within(checked(parseCount(input)), limits, { noun: 'a whole number', integer: true });
  const { min, max } = limits;
  return field(parse, {
    type: 'count',
    description,
    json: {
      anyOf: [
        { type: 'integer', minimum: min, ...(max === undefined ? {} : { maximum: max }) },
        { type: 'string', pattern: COUNT_PATTERN },
      ],
    },
    ...rest,
  });
}

/** A count, or a word that leaves it to goodput. */
export function countOr<const W extends string>(
  word: W,
  description: string,
  { min, max }: { min: number; max: number },
) {
  const parse = (input: unknown): Checked<number | W> => {
    if (input === word) return { ok: true, value: word };
    const result = within(
      checked(parseCount(input)),
      { min, max },
      { noun: `${word} or a whole number`, integer: true },
    );
    if (result.ok || typeof input !== 'string') return result;
    return { ok: false, problem: { ...result.problem, meant: didYouMean(input, [word]) } };
  };
  return field(parse, {
    type: `count or ${word}`,
    description,
    json: {
      anyOf: [
        { const: word },
        { type: 'integer', minimum: min, maximum: max },
        { type: 'string', pattern: COUNT_PATTERN },
      ],
    },
    examples: [word, 2],
  });
}

/** A number that need not be whole: a mean, a standard deviation, a shape. */
export function amount(description: string, limits: Limits, rest: Rest = {}) {
  const { min = 0, above, max } = limits;
  const least = above === undefined ? { minimum: min } : { exclusiveMinimum: above };
  return field((input) => within(checked(parseCount(input)), limits, { noun: 'a number' }), {
    type: 'number',
    description,
    json: {
      anyOf: [
        { type: 'number', ...least, ...(max === undefined ? {} : { maximum: max }) },
        { type: 'string', pattern: COUNT_PATTERN },
      ],
    },
    ...rest,
  });
}

/** One of some words; those of `coming` are planned, and said to be. */
export function oneOf<const T extends string>(
  words: readonly T[],
  description: string,
  rest: Rest & { coming?: readonly string[]; meant?: ReadonlyMap<string, T> } = {},
) {
  const { coming = [], meant, ...options } = rest;
  const parse = (input: unknown): Checked<T> => {
    const known = words.find((word) => word === input);
    if (known !== undefined) return { ok: true, value: known };
    const expected = `one of ${words.join(', ')}`;
    if (typeof input !== 'string') return { ok: false, problem: { expected } };
    if (coming.includes(input)) return later(input, expected);
    const alias = meant?.get(input.toLowerCase());
    return { ok: false, problem: { expected, meant: alias ?? didYouMean(input, words) } };
  };
  return field(parse, { type: words.join(' or '), description, json: { enum: [...words] }, ...options });
}

function readToggle(input: unknown): Checked<boolean> {
  if (input === true || input === 'true') return { ok: true, value: true };
  if (input === false || input === 'false') return { ok: true, value: false };
  return { ok: false, problem: { expected: 'true or false' } };
}

/** YAML's `true` and `false`, or the same as text from the environment. */
export function toggle(description: string) {
  return field(readToggle, { type: 'true or false', description, json: { type: 'boolean' } });
}

interface TextOptions extends Rest {
  type?: string;
  json?: Readonly<Record<string, unknown>>;
  expected: string;
  accepts?: (text: string) => boolean;
}

/** Text that is not empty. YAML reads an unquoted `2024` as a number: then the quoted text is what was meant. */
export function text(description: string, options: TextOptions) {
  const { expected, accepts = () => true, ...rest } = options;
  const parse = (input: unknown): Checked<string> => {
    if (typeof input === 'string' && input.trim() !== '' && accepts(input)) return { ok: true, value: input };
    const quotable = typeof input === 'number' || typeof input === 'boolean';
    return { ok: false, problem: { expected, meant: quotable ? `"${String(input)}"` : null } };
  };
  return field(parse, { type: 'text', description, json: { type: 'string', minLength: 1 }, ...rest });
}

/** The problem of a list where one value is expected. */
export function elsewhere(
  what: string,
  key: string,
  expected: string,
): { ok: false; problem: { wrong: string; expected: string } } {
  return {
    ok: false,
    problem: { wrong: `${what} belongs to goodput sweep (in a file: under ${key})`, expected },
  };
}

/** The problem of something that is planned, so that nobody takes it for a typing mistake. */
function later(
  what: string,
  expected?: string,
): { ok: false; problem: { wrong: string; expected?: string | undefined } } {
  return { ok: false, problem: { wrong: `${what} comes in a later version`, expected } };
}
