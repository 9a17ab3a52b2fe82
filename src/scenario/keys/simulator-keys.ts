import { z } from 'zod';
import { type Fault, FAULT_KINDS, parseFault } from '../../faults.ts';
import { amount, count, keyInfo, oneOf, toggle } from './fields.ts';
import type { Located } from './issues.ts';
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

const SHARE = { above: 0, max: 1 };

const engine = z
  .strictObject(
    {
      maxNumSeqs: count('Maximum number of running requests [vLLM: max_num_seqs]. 256 without a preset.', {
        min: 1,
      }).optional(),
      maxBatchedTokens: count('Maximum tokens per step [max_num_batched_tokens]. 8192 without a preset.', {
        min: 1,
      }).optional(),
      blockSize: count('Tokens per block of the KV cache [block_size]. 16 without a preset.', {
        min: 1,
      }).optional(),
      kvBlocks: count('Blocks of the KV cache [num_gpu_blocks]. 8192 without a preset.', {
        min: 1,
      }).optional(),
      chunkedPrefill: toggle(
        'Allow a prompt to be computed in several steps [enable_chunked_prefill]. True without a preset.',
      ).optional(),
      prefixCaching: toggle(
        'Share the blocks of equal prefixes between requests [enable_prefix_caching]. True without a preset.',
      ).optional(),
      maxModelLen: count(
        'Maximum tokens of prompt and output together [max_model_len]. Default: the capacity of the cache.',
        { min: 1 },
      ).optional(),
    },
    { error: 'a map like { maxNumSeqs: 64, maxBatchedTokens: 2048 }' },
  )
  .meta({ description: 'Settings of the scheduler. Each key overrides the preset’s.' });

const LINEAR_KEYS = ['base', 'prefillToken', 'decodeSequence', 'contextToken', 'prefillPair'] as const;
const WEIGHTS = 'weightBytes';
const EXPERT_KEYS = ['denseBytes', 'expertBytes', 'experts', 'expertsPerToken'] as const;
const MACHINE_KEYS = ['params', 'peakFlops', 'peakBandwidth'] as const;

const cost = z
  .strictObject(
    {
      kind: oneOf(
        ['linear', 'roofline'],
        '`linear`: coefficients per step; `roofline`: a model on accelerators. If it is the preset’s kind, or omitted, the keys override the preset’s; otherwise the preset’s cost is not used.',
      ).optional(),
      base: amount('linear: µs per step.', { min: 0 }).optional(),
      prefillToken: amount('linear: µs per prefill token.', { min: 0 }).optional(),
      decodeSequence: amount('linear: µs per decoding request.', { min: 0 }).optional(),
      contextToken: amount('linear: µs per context token of decoding requests.', { min: 0 }).optional(),
      prefillPair: amount('linear: µs per pair of query and context token in prefill.', {
        min: 0,
      }).optional(),
      params: amount('roofline: active parameters per token.', { min: 0 }).optional(),
      weightBytes: amount('roofline: bytes of weights read per step.', { min: 0 }).optional(),
      denseBytes: amount('roofline, mixture of experts: bytes of dense weights.', { min: 0 }).optional(),
      expertBytes: amount('roofline, mixture of experts: bytes per expert.', { min: 0 }).optional(),
      experts: count('roofline, mixture of experts: number of experts.', { min: 1 }).optional(),
      expertsPerToken: count('roofline, mixture of experts: experts per token.', { min: 1 }).optional(),
      attentionFlops: amount('roofline: FLOP per pair of query and context token. 0 without a preset.', {
        min: 0,
      }).optional(),
      kvBytesPerToken: amount('roofline: bytes of keys and values per token. 0 without a preset.', {
        min: 0,
      }).optional(),
      gpus: count('roofline: number of accelerators. 1 without a preset.', { min: 1 }).optional(),
      peakFlops: amount('roofline: peak FLOP/s per accelerator.', { above: 0 }).optional(),
      peakBandwidth: amount('roofline: peak bytes/s per accelerator.', { above: 0 }).optional(),
      mfu: amount('roofline: achieved share of the peak FLOP/s. 1 without a preset.', SHARE).optional(),
      mbu: amount('roofline: achieved share of the peak bandwidth. 1 without a preset.', SHARE).optional(),
      overhead_us: amount('roofline: overhead per step, in µs. 0 without a preset.', {
        min: 0,
      }).optional(),
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
  if (given.experts !== undefined && (given.expertsPerToken ?? 0) > given.experts)
    found.push({
      path: path('expertsPerToken'),
      problem: { expected: `at most the ${given.experts} experts` },
    });
  return found;
}

/** Returns true if this version can read the simulator section of a recorded run. Earlier versions had other keys. */
export const isReadable = (simulator: unknown): boolean => simulatorSchema.safeParse(simulator).success;
