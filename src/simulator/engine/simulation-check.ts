import { didYouMean, GoodputError } from '../../errors.ts';
import {
  DENSE_PARAMETERS,
  ENGINE_PARAMETERS,
  exceededExperts,
  EXPERT_PARAMETERS,
  LINEAR_PARAMETERS,
  NUMBER_LIMITS,
  type Parameter,
  type ParameterKind,
  ROOFLINE_PARAMETERS,
} from '../../simulator-parameters.ts';

interface Rule {
  ok: (value: unknown) => boolean;
  expected: string;
  optional?: true;
}

type Rules = Readonly<Record<string, Rule>>;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Returns the rule of a numeric parameter. */
function numberRule(kind: keyof typeof NUMBER_LIMITS, expected: string): Rule {
  const { min, above, max, isWhole }: { min?: number; above?: number; max?: number; isWhole: boolean } =
    NUMBER_LIMITS[kind];
  return {
    ok: (value) =>
      isNumber(value) &&
      (!isWhole || Number.isSafeInteger(value)) &&
      value >= (min ?? -Infinity) &&
      value > (above ?? -Infinity) &&
      value <= (max ?? Infinity),
    expected,
  };
}

const RULES: Record<ParameterKind, Rule> = {
  count: numberRule('count', 'a whole number, at least 1'),
  amount: numberRule('amount', 'a number, at least 0'),
  positive: numberRule('positive', 'a number above 0'),
  share: numberRule('share', 'a share above 0, at most 1'),
  flag: { ok: (value) => typeof value === 'boolean', expected: 'true or false' },
};
const COUNT = RULES.count;
const WHOLE: Rule = {
  ok: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  expected: 'a whole number, at least 0',
};
const TEXT: Rule = { ok: (value) => typeof value === 'string', expected: 'a string' };

const rulesOf = (parameters: Readonly<Record<string, Parameter>>): Rules =>
  Object.fromEntries(Object.entries(parameters).map(([name, { kind }]) => [name, RULES[kind]]));

/** Engine settings are optional; those that may be `null` without a preset may be `null` here too. */
const ENGINE: Rules = Object.fromEntries(
  Object.entries<Parameter>(ENGINE_PARAMETERS).map(([name, { kind, fallback }]) => {
    const { ok, expected } = RULES[kind];
    const rule: Rule =
      fallback === null
        ? { ok: (value) => value === null || ok(value), expected: `${expected}, or null`, optional: true }
        : { ok, expected, optional: true };
    return [name, rule];
  }),
);

const KIND: Rule = {
  ok: (value) => value === 'linear' || value === 'roofline',
  expected: 'linear or roofline',
};

const LINEAR: Rules = { kind: KIND, ...rulesOf(LINEAR_PARAMETERS) };
const ROOFLINE: Rules = { kind: KIND, ...rulesOf(ROOFLINE_PARAMETERS) };
const DENSE = rulesOf(DENSE_PARAMETERS);
const EXPERTS = rulesOf(EXPERT_PARAMETERS);

const PREFIX: Rules = { id: TEXT, length: WHOLE };
const REQUEST: Rules = {
  arrival_us: WHOLE,
  prompt: COUNT,
  output: COUNT,
  prefix: { ok: isObject, expected: '{ id, length }', optional: true },
};

/** More mistakes than these usually have one cause, in a loop. */
const MAX_SHOWN = 50;

/**
 * Validates the input of a simulation.
 * @throws {GoodputError} of kind `usage` with all mistakes, one per line
 */
export function checkSimulation({ engine, cost, requests }: Readonly<Record<string, unknown>>): void {
  const mistakes = [
    ...mistakesIn('engine', engine, ENGINE),
    ...mistakesInCost(cost),
    ...(Array.isArray(requests)
      ? requests.flatMap((request, k) => mistakesInRequest(`requests[${k}]`, request))
      : [`requests is ${shown(requests)}; expected a list`]),
  ];
  if (mistakes.length === 0) return;
  const more = mistakes.length - MAX_SHOWN;
  const lines = mistakes.slice(0, MAX_SHOWN).map((mistake) => `simulator: ${mistake}`);
  throw new GoodputError('usage', [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
}

function mistakesInCost(cost: unknown): string[] {
  if (!isObject(cost) || !KIND.ok(cost['kind'])) return mistakesIn('cost', cost, { kind: KIND }, false);
  if (cost['kind'] === 'linear') return mistakesIn('cost', cost, LINEAR);
  const weights = Object.keys(EXPERTS).some((name) => name in cost) ? EXPERTS : DENSE;
  const mistakes = mistakesIn('cost', cost, { ...ROOFLINE, ...weights });
  const experts = exceededExperts(cost);
  if (experts !== null)
    mistakes.push(
      `cost.expertsPerToken is ${shown(cost['expertsPerToken'])}; expected at most the ${experts} experts`,
    );
  return mistakes;
}

function mistakesInRequest(where: string, request: unknown): string[] {
  const mistakes = mistakesIn(where, request, REQUEST);
  if (!isObject(request)) return mistakes;
  const { prompt, prefix } = request;
  if (!isObject(prefix)) return mistakes;
  mistakes.push(...mistakesIn(`${where}.prefix`, prefix, PREFIX));
  const { length } = prefix;
  if (isNumber(prompt) && isNumber(length) && length > prompt)
    mistakes.push(`${where}.prefix.length is ${length}; expected at most the ${prompt} tokens of the prompt`);
  return mistakes;
}

function mistakesIn(where: string, value: unknown, rules: Rules, strict = true): string[] {
  if (!isObject(value)) return [`${where} is ${shown(value)}; expected an object`];
  const unknown = strict ? Object.keys(value).filter((name) => !(name in rules)) : [];
  return [
    ...unknown.map((name) => {
      const meant = didYouMean(name, Object.keys(rules));
      return `${where}.${name} is unknown${meant === null ? '' : `; did you mean ${meant}?`}`;
    }),
    ...Object.entries(rules)
      .filter(([name, rule]) => !(rule.optional === true && value[name] === undefined))
      .filter(([name, rule]) => !rule.ok(value[name]))
      .map(([name, rule]) => `${where}.${name} is ${shown(value[name])}; expected ${rule.expected}`),
  ];
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  return Array.isArray(value) ? 'a list' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
