import { z } from 'zod';
import { didYouMean, type Failed } from '../../errors.ts';
import {
  formatDuration,
  formatRate,
  LONGEST_MS,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
} from '../../units.ts';
import type { Checked } from './problem.ts';

/** Properties of a key that the reference and the defaults need in addition to its JSON Schema. */
export interface KeyInfo {
  /** The type for people: "duration". */
  type: string;
  /** A default that applies unless one of the keys in `unless` is set. */
  fallback?: unknown;
  unless?: readonly string[];
}

/** One entry per field, registered for the schema inside wrappers (optional, prefault). */
export const keyInfo = z.registry<KeyInfo>();

interface FieldOptions extends KeyInfo {
  description: string;
  /** JSON Schema keywords for the written value. */
  json: Readonly<Record<string, unknown>>;
  examples?: readonly unknown[];
}

/** Returns a schema for a parser. An issue's `params` are the parser's `Problem`. */
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
  // The bound that was exceeded, or the lower one if the value is not a number of this kind.
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
    within(parseDuration(input), { max: LONGEST_MS, ...limits }, DURATION);
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
      : within(parseRate(input), { max: 1e6, ...limits }, { noun: 'a rate', show: formatRate });
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
      : within(parseCount(input), limits, { noun: 'a whole number', integer: true });
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

/** A count, or a word with which goodput chooses it. */
export function countOr<const W extends string>(
  word: W,
  description: string,
  { min, max }: { min: number; max: number },
) {
  const parse = (input: unknown): Checked<number | W> => {
    if (input === word) return { ok: true, value: word };
    const result = within(
      parseCount(input),
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
  return field((input) => within(parseCount(input), limits, { noun: 'a number' }), {
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

const SIZE_PATTERN = String.raw`^\s*\+?[\d_.]+(e[+-]?\d+)?\s*([kKMGT]?i?B)?\s*$|^\$\{\w+\}$`;

/** Bytes, from text with a unit or a number. */
export function size(description: string, rest: Rest = {}) {
  return field((input) => within(parseSize(input), { above: 0 }, { noun: 'a size' }), {
    type: 'size',
    description,
    json: {
      anyOf: [
        { type: 'number', exclusiveMinimum: 0 },
        { type: 'string', pattern: SIZE_PATTERN },
      ],
    },
    examples: ['80GiB'],
    ...rest,
  });
}

/** One of several words. */
export function oneOf<const T extends string>(
  words: readonly T[],
  description: string,
  rest: Rest & { meant?: ReadonlyMap<string, T> } = {},
) {
  const { meant, ...options } = rest;
  const parse = (input: unknown): Checked<T> => {
    const known = words.find((word) => word === input);
    if (known !== undefined) return { ok: true, value: known };
    const expected = `one of ${words.join(', ')}`;
    if (typeof input !== 'string') return { ok: false, problem: { expected } };
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

/** `true` or `false`, also as text from an environment variable. */
export function toggle(description: string) {
  return field(readToggle, { type: 'true or false', description, json: { type: 'boolean' } });
}

interface TextOptions extends Rest {
  type?: string;
  json?: Readonly<Record<string, unknown>>;
  expected: string;
  accepts?: (text: string) => boolean;
}

/** Non-empty text. YAML reads an unquoted `2024` as a number; the quoted text is then suggested. */
export function text(description: string, options: TextOptions) {
  const { expected, accepts = () => true, ...rest } = options;
  const parse = (input: unknown): Checked<string> => {
    if (typeof input === 'string' && input.trim() !== '' && accepts(input)) return { ok: true, value: input };
    const quotable = typeof input === 'number' || typeof input === 'boolean';
    return { ok: false, problem: { expected, meant: quotable ? `"${String(input)}"` : null } };
  };
  return field(parse, { type: 'text', description, json: { type: 'string', minLength: 1 }, ...rest });
}

/** Returns the mistake of a list in place of one value. */
export function elsewhere(
  what: string,
  key: string,
  expected: string,
): Failed<{ wrong: string; expected: string }> {
  return {
    ok: false,
    problem: { wrong: `${what} is only valid in goodput sweep (in a file: under ${key})`, expected },
  };
}
