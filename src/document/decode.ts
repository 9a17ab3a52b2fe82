import type { AnyDefinition, Definition, NumberRule, PropertyRule, Rule } from './definition.ts';

/** Why a value is not what its definition allows. */
interface Mismatch {
  /** The keys and indexes to the value, the innermost first. */
  path: (string | number)[];
  /** `is missing`, `is a string, not a number`, … */
  problem: string;
}

/**
 * Checks a parsed JSON document, and fills in the keys that it lacks. Changes the object that it is given, and returns it. Keys that the
 * definition does not have stay as they are.
 * @throws {TypeError} naming the first key with a wrong value by its path
 */
export function decode<T>(definition: Definition<T>, raw: unknown): T {
  const mismatch = mismatchOf(definition.rule, raw);
  if (mismatch === null) return raw as T;
  const path = pathText(mismatch.path.toReversed());
  throw new TypeError(path === '' ? mismatch.problem : `"${path}" ${mismatch.problem}`);
}

/**
 * Parses a JSON document and checks it like `decode`.
 * @throws {SyntaxError} if the text is not JSON, {TypeError} naming the first key with a wrong value
 */
export function decodeText<T>(definition: Definition<T>, text: string): T {
  const raw: unknown = JSON.parse(text);
  const version = versionOf(definition);
  if (version !== null) assertVersion(raw, version);
  return decode(definition, raw);
}

/** Returns the `schemaVersion` that a definition allows; `null` if its documents have none. */
function versionOf({ rule }: AnyDefinition): number | null {
  const properties = rule.kind === 'object' ? rule.properties : [];
  const found = properties.find(({ key }) => key === 'schemaVersion')?.value.rule;
  return found?.kind === 'oneOf' ? (found.values[0] as number) : null;
}

/** @throws {TypeError} if the document has another `schemaVersion`, so that no key of it can be judged */
function assertVersion(raw: unknown, version: number): void {
  if (!isObject(raw)) throw new TypeError('not an object');
  const found = raw['schemaVersion'];
  if (typeof found !== 'number') throw new TypeError('"schemaVersion" is missing');
  if (found !== version)
    throw new TypeError(`schemaVersion ${found} is not readable here: this goodput reads ${version}`);
}

/** Returns a copy of an object with only the keys of its definition, in the order of the definition. */
export function inOrder<T extends object>({ rule }: AnyDefinition, value: T): Partial<T> {
  const keys = rule.kind === 'object' ? rule.properties.map(({ key }) => key as keyof T) : [];
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Partial<T>;
}

const pathText = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );

const wrong = (problem: string): Mismatch => ({ path: [], problem });

function within(step: string | number, mismatch: Mismatch): Mismatch {
  mismatch.path.push(step);
  return mismatch;
}

function mismatchOf(rule: Rule, value: unknown): Mismatch | null {
  switch (rule.kind) {
    case 'any':
      return null;
    case 'number':
      return isNumber(rule, value) ? null : wrong(problemOfNumber(rule, value));
    case 'string':
      if (typeof value !== 'string') return wrong(isInsteadOf(value, 'a string'));
      return rule.pattern === null || rule.pattern.regexp.test(value)
        ? null
        : wrong(isUnexpected(value, rule.pattern.expected));
    case 'boolean':
      return typeof value === 'boolean' ? null : wrong(isInsteadOf(value, 'a boolean'));
    case 'oneOf':
      return rule.values.includes(value as string)
        ? null
        : wrong(isUnexpected(value, `one of ${rule.values.join(', ')}`));
    case 'nullable':
      return value === null ? null : mismatchOf(rule.value.rule, value);
    case 'list':
      return mismatchInList(rule, value);
    case 'record':
      return mismatchInRecord(rule, value);
    case 'object':
      return mismatchInObject(rule.properties, value);
    default: {
      const mismatches = rule.options.map((option) => mismatchOf(option.rule, value));
      return mismatches.includes(null) ? null : mismatches[0]!;
    }
  }
}

function mismatchInObject(properties: readonly PropertyRule[], value: unknown): Mismatch | null {
  if (!isObject(value)) return wrong(isInsteadOf(value, 'an object'));
  for (const property of properties) {
    const { key } = property;
    const found = value[key];
    if (found === undefined || (found === null && property.takesNull)) {
      if (property.isRequired) return { path: [key], problem: 'is missing' };
      if (property.fallback !== null) value[key] = property.fallback();
      else if (found === null) delete value[key];
      continue;
    }
    const mismatch = mismatchOf(property.value.rule, found);
    if (mismatch === null) continue;
    // `null` stands for an unknown value, so a key that has to have one lacks it.
    if (found === null) mismatch.problem = 'is missing';
    return within(key, mismatch);
  }
  return null;
}

function mismatchInList(
  { items: { rule: items }, fewest }: Extract<Rule, { kind: 'list' }>,
  value: unknown,
): Mismatch | null {
  if (!Array.isArray(value)) return wrong(isInsteadOf(value, 'a list'));
  if (value.length < fewest) return wrong(`has ${value.length} entries; expected at least ${fewest}`);
  // A run has millions of events: their numbers are checked without a call for each.
  const from = items.kind === 'number' ? countOfNumbers(items, value) : 0;
  for (let k = from; k < value.length; k++) {
    const mismatch = mismatchOf(items, value[k]);
    if (mismatch !== null) return within(k, mismatch);
  }
  return null;
}

/** Returns how many of the first items are numbers that the rule allows. */
function countOfNumbers({ isWhole, min, max }: NumberRule, items: readonly unknown[]): number {
  for (let k = 0; k < items.length; k++) {
    const item = items[k];
    if (typeof item !== 'number' || !(item >= min && item <= max)) return k;
    if (isWhole ? !Number.isInteger(item) : !Number.isFinite(item)) return k;
  }
  return items.length;
}

function mismatchInRecord(
  { keys, values }: Extract<Rule, { kind: 'record' }>,
  value: unknown,
): Mismatch | null {
  if (!isObject(value)) return wrong(isInsteadOf(value, 'an object'));
  for (const key of Object.keys(value)) {
    if (keys !== null && !keys.includes(key))
      return { path: [key], problem: `is unknown; expected one of ${keys.join(', ')}` };
    const mismatch = mismatchOf(values.rule, value[key]);
    if (mismatch !== null) return within(key, mismatch);
  }
  return null;
}

const isNumber = ({ isWhole, min, max }: NumberRule, value: unknown): boolean =>
  typeof value === 'number' &&
  value >= min &&
  value <= max &&
  (isWhole ? Number.isInteger(value) : Number.isFinite(value));

function problemOfNumber({ isWhole, min, max }: NumberRule, value: unknown): string {
  if (typeof value !== 'number') return isInsteadOf(value, 'a number');
  const noun = isWhole ? 'a whole number' : 'a number';
  if (min === -max) return isUnexpected(value, max === Infinity ? noun : `${noun} within ±${max}`);
  const to = max === Infinity || max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`;
  return isUnexpected(value, `${noun} from ${min}${to}`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isInsteadOf = (value: unknown, expected: string): string => `is ${nounOf(value)}, not ${expected}`;

const isUnexpected = (value: unknown, expected: string): string =>
  `is ${typeof value === 'number' ? value : JSON.stringify(value)}; expected ${expected}`;

function nounOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
