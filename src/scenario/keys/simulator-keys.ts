import { z } from 'zod';
import { type Fault, FAULT_KINDS, parseFault } from '../../faults.ts';
import {
  DENSE_PARAMETERS,
  ENGINE_PARAMETERS,
  exceededExperts,
  EXPERT_PARAMETERS,
  LINEAR_PARAMETERS,
  NUMBER_LIMITS,
  type Parameter,
  ROOFLINE_PARAMETERS,
} from '../../simulator-parameters.ts';
import { amount, count, keyInfo, oneOf, toggle } from './fields.ts';
import type { Located } from './problem.ts';
import { length } from './length-key.ts';
import type { Path, Problem } from './problem.ts';

/** Presets with a linear cost model; all others are a model on accelerators (roofline). A test compares them with the simulator's list. */
const LINEAR_PRESETS = ['tiny'] as const;

const ROOFLINE_PRESETS = [
  'llama-3.1-8b-a100-40',
  'llama-3.1-8b-a100-80',
  'llama-3.1-8b-h100',
  'llama-3.1-8b-h200',
  'llama-3.1-8b-b200',
  'llama-3.1-8b-mi300x',
  'llama-3.1-8b-l4',
  'llama-3.1-70b-a100-40x8',
  'llama-3.1-70b-a100-80x4',
  'llama-3.1-70b-h100x4',
  'llama-3.1-70b-h200x2',
  'llama-3.1-70b-b200',
  'llama-3.1-70b-mi300x',
  'llama-3.1-70b-l4x8',
  'llama-2-70b-a100-40x4',
  'qwen3-30b-a3b-a100-40x2',
  'qwen3-30b-a3b-a100-80',
  'qwen3-30b-a3b-h100',
  'qwen3-30b-a3b-h200',
  'qwen3-30b-a3b-b200',
  'qwen3-30b-a3b-mi300x',
  'qwen3-30b-a3b-l4x4',
  'gpt-oss-120b-a100-40x2',
  'gpt-oss-120b-a100-80',
  'gpt-oss-120b-h100',
  'gpt-oss-120b-h200',
  'gpt-oss-120b-b200',
  'gpt-oss-120b-mi300x',
  'gpt-oss-120b-l4x4',
] as const;

export const PRESET_NAMES = [...LINEAR_PRESETS, ...ROOFLINE_PRESETS] as const;

/** The default preset. */
const DEFAULT_PRESET = 'llama-3.1-8b-h100' satisfies (typeof PRESET_NAMES)[number];

type Fields<P extends Readonly<Record<string, Parameter>>> = {
  [K in keyof P]: z.ZodOptional<
    P[K]['kind'] extends 'flag' ? ReturnType<typeof toggle> : ReturnType<typeof amount>
  >;
};

/** Returns the optional fields of a map of parameters. */
function fieldsOf<P extends Readonly<Record<string, Parameter>>>(parameters: P): Fields<P> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, fieldOf(parameter).optional()]),
  ) as unknown as Fields<P>;
}

function fieldOf({ kind, text, fallback = null }: Parameter) {
  const shown = typeof fallback === 'boolean' ? (fallback ? 'True' : 'False') : fallback;
  const description = shown === null ? text : `${text} ${shown} without a preset.`;
  switch (kind) {
    case 'flag':
      return toggle(description);
    case 'count':
      return count(description, NUMBER_LIMITS.count);
    default:
      return amount(description, NUMBER_LIMITS[kind]);
  }
}

const engine = z
  .strictObject(fieldsOf(ENGINE_PARAMETERS), {
    error: 'a map like { maxNumSeqs: 64, maxBatchedTokens: 2048 }',
  })
  .meta({ description: 'Settings of the scheduler. Each key overrides the preset’s.' });

const LINEAR_KEYS = Object.keys(LINEAR_PARAMETERS);
const WEIGHTS = 'weightBytes';
const EXPERT_KEYS = Object.keys(EXPERT_PARAMETERS) as (keyof typeof EXPERT_PARAMETERS)[];
/** Keys of a roofline that have no value without a preset. */
const MACHINE_KEYS = ['params', 'peakFlops', 'peakBandwidth'] as const;

const cost = z
  .strictObject(
    {
      kind: oneOf(
        ['linear', 'roofline'],
        '`linear`: coefficients per step; `roofline`: a model on accelerators. If it is the preset’s kind, or omitted, the keys override the preset’s; otherwise the preset’s cost is not used.',
      ).optional(),
      ...fieldsOf(LINEAR_PARAMETERS),
      ...fieldsOf(ROOFLINE_PARAMETERS),
      ...fieldsOf(DENSE_PARAMETERS),
      ...fieldsOf(EXPERT_PARAMETERS),
    },
    { error: 'a map like { kind: linear, base: 9000, prefillToken: 20 }' },
  )
  .meta({ description: 'Duration of a step (formulas in docs/simulator.md).' });

/** The stream formats of the embedded endpoint. A test compares them with the simulator's list. */
export const DIALECT_NAMES = ['openai', 'vllm', 'reasoning', 'hidden-reasoning', 'bundled'] as const;

const FAULTS_EXPECTED = 'a list of faults, like [reset after=3 share=5%, stall at=10s for=500ms]';

/** `faults`: a list of texts, or one. */
const faults = z
  .unknown()
  .transform((input, context): Fault[] => {
    const report = (path: Path, value: unknown, problem: Problem): void => {
      context.issues.push({ code: 'custom', input: value, path: [...path], params: { ...problem } });
    };
    const single = typeof input === 'string';
    if (!single && !Array.isArray(input)) {
      report([], input, { expected: FAULTS_EXPECTED });
      return z.NEVER;
    }
    const before = context.issues.length;
    const texts: readonly unknown[] = single ? [input] : input;
    const read = texts.flatMap((text, at) => {
      const path = single ? [] : [at];
      // `- 503` is a number in YAML.
      if (typeof text !== 'string' && typeof text !== 'number') {
        report(path, text, { expected: 'a fault as text, like reset after=3 share=5%' });
        return [];
      }
      const reading = parseFault(String(text));
      if (reading.ok) return [reading.value];
      for (const mistake of reading.problem) report(path, text, { ...mistake, quotes: true });
      return [];
    });
    return context.issues.length > before ? z.NEVER : read;
  })
  .meta({
    anyOf: [{ type: 'array', items: { type: ['string', 'number'] } }, { type: 'string' }],
    description: `Injected faults, each a text: a kind (${FAULT_KINDS.join(', ')}) and its options (docs/simulator.md). If several apply to a request, the first is used.`,
    examples: [['reset after=3 share=5%', 'stall at=10s for=500ms']],
  })
  .register(keyInfo, { type: 'list of texts' });

export const simulatorSchema = z
  .strictObject(
    {
      preset: oneOf(PRESET_NAMES, 'A model on accelerators, from the list in docs/simulator.md.', {
        fallback: DEFAULT_PRESET,
        unless: ['simulator.cost.kind'],
        examples: ['tiny'],
      }).optional(),
      engine: engine.optional(),
      cost: cost.optional(),
      dialect: oneOf(
        DIALECT_NAMES,
        'Stream format of the embedded endpoint: as OpenAI, as vLLM, as vLLM with reasoning, as OpenAI with reasoning that is counted but not streamed, or several tokens per event.',
      ).prefault('openai'),
      naturalLength: length(
        'Tokens after which an answer ends by itself (`stop`, `end_turn`), drawn for each request. A lower limit cuts it off, `min_tokens` delays it, `ignore_eos` prevents it. Default: every answer reaches its limit.',
      ).optional(),
      faults: faults.optional(),
    },
    { error: 'a map with preset, engine, cost, dialect, naturalLength or faults' },
  )
  .meta({
    description:
      'The engine behind the embedded endpoint and `goodput simulate`. Only with `endpoint: simulated`.',
  });

type SimulatorValues = z.output<typeof simulatorSchema>;

/** Checks which keys of a cost model belong together and which are missing. */
export function brokenSimulator(values: SimulatorValues): Located[] {
  const { preset, cost: given } = values;
  if (given === undefined) return [];
  const found: Located[] = [];
  const path = (key: string): Path => ['simulator', 'cost', key];
  const presetKind =
    preset === undefined ? null : LINEAR_PRESETS.some((name) => name === preset) ? 'linear' : 'roofline';
  const kind = given.kind ?? presetKind;
  // Without `kind`, the default preset applies.
  if (kind === null) return [];
  const alone = kind !== presetKind;
  for (const key of Object.keys(given)) {
    if (key === 'kind' || LINEAR_KEYS.some((name) => name === key) === (kind === 'linear')) continue;
    const expected = `a key of ${kind}${given.kind === undefined ? `, the kind of ${preset}` : ''}`;
    found.push({
      path: path(key),
      problem: { wrong: 'is a key of another kind of cost', expected, atKey: true },
    });
  }
  const report = (wrong: string, expected: string): number =>
    found.push({ path: ['simulator', 'cost'], problem: { wrong, expected, atKey: true } });
  if (kind === 'linear') {
    if (alone && !((given.base ?? 0) + (given.prefillToken ?? 0) > 0))
      report('a step takes no time', 'base or prefillToken above 0');
    return found;
  }
  const missing = alone ? MACHINE_KEYS.filter((key) => given[key] === undefined) : [];
  if (missing.length > 0) report(`is missing ${missing.join(', ')}`, 'these keys, or a preset that has them');
  const experts = EXPERT_KEYS.filter((key) => given[key] !== undefined);
  if (experts.length > 0 && given[WEIGHTS] !== undefined)
    report(`has both ${WEIGHTS} and ${experts[0]}`, 'the bytes of one model: with experts or without');
  else if (alone && experts.length === 0 && given[WEIGHTS] === undefined)
    report(`is missing ${WEIGHTS}`, `${WEIGHTS}, or ${EXPERT_KEYS.join(', ')}`);
  else if (alone && experts.length > 0 && experts.length < EXPERT_KEYS.length)
    report(
      `is missing ${EXPERT_KEYS.filter((key) => !experts.includes(key)).join(', ')}`,
      'all four keys of a mixture of experts',
    );
  const exceeded = exceededExperts(given);
  if (exceeded !== null)
    found.push({
      path: path('expertsPerToken'),
      problem: { expected: `at most the ${exceeded} experts` },
    });
  return found;
}

/** Returns true if this version can read the simulator section of a recorded run. Earlier versions had other keys. */
export const isReadable = (simulator: unknown): boolean => simulatorSchema.safeParse(simulator).success;
