import { z } from 'zod';
import { didYouMean } from '../errors.ts';
import { parseCount, parseDuration, parseRate } from '../units.ts';
import type { Parsed } from '../units.ts';
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

type Limits = { min?: number; above?: number; integer?: boolean; max?: number };

function within(result: Checked<number>, limits: Limits): Checked<number> {
  if (!result.ok) return result;
  const { value } = result;
  const bounds = [
    limits.integer === true ? 'a whole number' : 'a value',
    limits.min === undefined ? '' : ` of at least ${limits.min}`,
    limits.above === undefined ? '' : ` above ${limits.above}`,
    limits.max === undefined ? '' : `, at most ${limits.max}`,
  ].join('');
  const fits =
    Number.isFinite(value) &&
    value >= (limits.min ?? -Infinity) &&
    value > (limits.above ?? -Infinity) &&
    value <= (limits.max ?? Infinity) &&
    (limits.integer !== true || Number.isSafeInteger(value));
  return fits ? result : { ok: false, problem: { expected: bounds } };
}

type Rest = Omit<FieldOptions, 'type' | 'json' | 'description'>;

const DURATION_PATTERN = String.raw`^\s*\+?([\d_.]+(e[+-]?\d+)?\s*(us|µs|ms|s|min|m|h)\s*)+$|^0$|^\$\{\w+\}$`;
const RATE_PATTERN = String.raw`^\s*\+?[\d_.]+(e[+-]?\d+)?\s*(/\s*(sec|s|min|m|h))?\s*$|^\$\{\w+\}$`;
const COUNT_PATTERN = String.raw`^\s*\+?[\d_.]+(e[+-]?\d+)?[kM]?\s*$|^\$\{\w+\}$`;

/** Milliseconds, from text with a unit. */
export function duration(description: string, limits: Limits, rest: Rest = {}) {
  return field((input) => within(checked(parseDuration(input)), limits), {
    type: 'duration',
    description,
    json: {
      anyOf: [
        { type: 'string', pattern: DURATION_PATTERN },
        { type: 'number', const: 0 },
      ],
    },
    examples: ['200ms', '1.5s', '2m'],
    ...rest,
  });
}

const readRate = (input: unknown): Checked<number> =>
  Array.isArray(input)
    ? later('a list of rates (a sweep)', 'one rate, like 5/s')
    : within(checked(parseRate(input)), { above: 0 });

/** Per second. */
export function rate(description: string, rest: Rest = {}) {
  return field(readRate, {
    type: 'rate',
    description,
    json: {
      anyOf: [
        { type: 'string', pattern: RATE_PATTERN },
        { type: 'number', exclusiveMinimum: 0 },
      ],
    },
    examples: ['5/s', '300/min'],
    ...rest,
  });
}

export function count(description: string, limits: Limits & { min: number }, rest: Rest = {}) {
  const parse = (input: unknown): Checked<number> =>
    Array.isArray(input)
      ? later('a list (a sweep)', 'one count, like 500 or 10k')
      : within(checked(parseCount(input)), { integer: true, ...limits });
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

/** A number of tokens that need not be whole: a mean or a standard deviation. */
export function amount(description: string, limits: Limits) {
  return field((input) => within(checked(parseCount(input)), limits), {
    type: 'number',
    description,
    json: {
      anyOf: [
        { type: 'number', minimum: 0 },
        { type: 'string', pattern: COUNT_PATTERN },
      ],
    },
  });
}

/** One of some words; those of `coming` are planned, and said to be. */
export function oneOf<const T extends string>(
  words: readonly T[],
  description: string,
  rest: Rest & { coming?: readonly string[] } = {},
) {
  const { coming = [], ...options } = rest;
  const parse = (input: unknown): Checked<T> => {
    const known = words.find((word) => word === input);
    if (known !== undefined) return { ok: true, value: known };
    const expected = `one of ${words.join(', ')}`;
    if (typeof input !== 'string') return { ok: false, problem: { expected } };
    if (coming.includes(input)) return later(input, expected);
    return { ok: false, problem: { expected, meant: didYouMean(input, words) } };
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

/** The problem of something that is planned, so that nobody takes it for a typing mistake. */
export function later(
  what: string,
  expected?: string,
): { ok: false; problem: { wrong: string; expected?: string | undefined } } {
  return { ok: false, problem: { wrong: `${what} comes in a later version`, expected } };
}
