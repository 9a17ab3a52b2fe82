import { z } from 'zod';
import { type Fault, FAULT_KINDS, parseFault } from '../../faults.ts';
import { amount, count, keyInfo, oneOf, toggle } from './fields.ts';
import type { Located } from './issues.ts';
import { length } from './length-key.ts';
import type { Path, Problem } from './problem.ts';

/** Presets whose steps cost what their work adds up to; all others are a model on accelerators. A test holds the simulator's own list against this one. */
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

/** What is simulated where nothing is said. */
const DEFAULT_PRESET = 'llama-3.1-8b-h100' satisfies (typeof PRESET_NAMES)[number];

const SHARE = { above: 0, max: 1 };

const engine = z
  .strictObject(
    {
      maxNumSeqs: count('Requests that run at once [vLLM: max_num_seqs]. 256 without a preset.', {
        min: 1,
      }).optional(),
      maxBatchedTokens: count(
        'Tokens that one step computes [max_num_batched_tokens]. 8192 without a preset.',
        { min: 1 },
      ).optional(),
      blockSize: count('Tokens of a block of the KV cache [block_size]. 16 without a preset.', {
        min: 1,
      }).optional(),
      kvBlocks: count('Blocks of the KV cache [num_gpu_blocks]. 8192 without a preset.', {
        min: 1,
      }).optional(),
      chunkedPrefill: toggle(
        'Whether a prompt may be computed in several steps [enable_chunked_prefill]. True without a preset.',
      ).optional(),
      prefixCaching: toggle(
        'Whether requests share the blocks of equal beginnings [enable_prefix_caching]. True without a preset.',
      ).optional(),
      maxModelLen: count(
        'Longest prompt and output together [max_model_len]. Without it, as long as the cache holds.',
        { min: 1 },
      ).optional(),
    },
    { error: 'a map like { maxNumSeqs: 64, maxBatchedTokens: 2048 }' },
  )
  .meta({ description: 'What the scheduler may do. Each key goes before the preset’s.' });

const LINEAR_KEYS = ['base', 'prefillToken', 'decodeSequence', 'contextToken', 'prefillPair'] as const;
const WEIGHTS = 'weightBytes';
const EXPERT_KEYS = ['denseBytes', 'expertBytes', 'experts', 'expertsPerToken'] as const;
const MACHINE_KEYS = ['params', 'peakFlops', 'peakBandwidth'] as const;

const cost = z
  .strictObject(
    {
      kind: oneOf(
        ['linear', 'roofline'],
        'Coefficients of what a step computes, or a model on accelerators. With the preset’s own kind, or without one, the keys go before the preset’s; else they stand alone.',
      ).optional(),
      base: amount('linear: µs of every step.', { min: 0 }).optional(),
      prefillToken: amount('linear: µs of each token of prefill.', { min: 0 }).optional(),
      decodeSequence: amount('linear: µs of each request that decodes.', { min: 0 }).optional(),
      contextToken: amount('linear: µs of each token of context of those.', { min: 0 }).optional(),
      prefillPair: amount('linear: µs of each pair of query and context in prefill.', {
        min: 0,
      }).optional(),
      params: amount('roofline: parameters that a token meets.', { min: 0 }).optional(),
      weightBytes: amount('roofline: bytes of weights that a step reads.', { min: 0 }).optional(),
      denseBytes: amount('roofline, with experts: bytes that every step reads.', { min: 0 }).optional(),
      expertBytes: amount('roofline, with experts: bytes of one expert.', { min: 0 }).optional(),
      experts: count('roofline, with experts: how many there are.', { min: 1 }).optional(),
      expertsPerToken: count('roofline, with experts: how many a token uses.', { min: 1 }).optional(),
      attentionFlops: amount('roofline: FLOP of a pair of query and context. 0 without a preset.', {
        min: 0,
      }).optional(),
      kvBytesPerToken: amount('roofline: bytes of keys and values a token. 0 without a preset.', {
        min: 0,
      }).optional(),
      gpus: count('roofline: accelerators. 1 without a preset.', { min: 1 }).optional(),
      peakFlops: amount('roofline: FLOP/s of one.', { above: 0 }).optional(),
      peakBandwidth: amount('roofline: bytes/s of one.', { above: 0 }).optional(),
      mfu: amount('roofline: share of the FLOP/s that is reached. 1 without a preset.', SHARE).optional(),
      mbu: amount('roofline: share of the bandwidth that is reached. 1 without a preset.', SHARE).optional(),
      overhead_us: amount('roofline: µs of every step beside its work. 0 without a preset.', {
        min: 0,
      }).optional(),
    },
    { error: 'a map like { kind: linear, base: 9000, prefillToken: 20 }' },
  )
  .meta({ description: 'How long a step takes (docs/simulator.md has the formulas).' });

/** How the embedded endpoint streams. A test holds the simulator's own list against this one. */
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
      for (const mistake of reading.mistakes) report(path, text, { ...mistake, quotes: true });
      return [];
    });
    return context.issues.length > before ? z.NEVER : read;
  })
  .meta({
    anyOf: [{ type: 'array', items: { type: ['string', 'number'] } }, { type: 'string' }],
    description: `What goes wrong on purpose, each a text: a kind (${FAULT_KINDS.join(', ')}) and what more is to be said of it (docs/simulator.md). Of several that befall one request, the first counts.`,
    examples: [['reset after=3 share=5%', 'stall at=10s for=500ms']],
  })
  .register(keyInfo, { type: 'list of texts' });

export const simulatorSchema = z
  .strictObject(
    {
      preset: oneOf(PRESET_NAMES, 'A model on accelerators, as docs/simulator.md lists them.', {
        fallback: DEFAULT_PRESET,
        unless: ['simulator.cost.kind'],
        examples: ['tiny'],
      }).optional(),
      engine: engine.optional(),
      cost: cost.optional(),
      dialect: oneOf(
        DIALECT_NAMES,
        'How the embedded endpoint streams: as OpenAI, as vLLM, as vLLM with reasoning, as OpenAI with reasoning that is only counted, several tokens an event.',
      ).prefault('openai'),
      naturalLength: length(
        'Tokens after which an answer ends by itself (`stop`, `end_turn`), drawn from the seed for each request. A lower limit cuts it off, `min_tokens` delays it, `ignore_eos` prevents it. Without it, every answer fills its limit.',
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

/** Rules between the keys of a cost model: which belong together, and which lack. */
export function brokenSimulator(values: SimulatorValues): Located[] {
  const { preset, cost: given } = values;
  if (given === undefined) return [];
  const found: Located[] = [];
  const path = (key: string): Path => ['simulator', 'cost', key];
  const presetKind =
    preset === undefined ? null : LINEAR_PRESETS.some((name) => name === preset) ? 'linear' : 'roofline';
  const kind = given.kind ?? presetKind;
  // Only a written `kind` takes the default preset away.
  if (kind === null) return [];
  const alone = kind !== presetKind;
  for (const key of Object.keys(given)) {
    if (key === 'kind' || LINEAR_KEYS.some((name) => name === key) === (kind === 'linear')) continue;
    const expected = `a key of ${kind}${given.kind === undefined ? `, the kind of ${preset}` : ''}`;
    found.push({
      path: path(key),
      problem: { wrong: 'belongs to another kind of cost', expected, atKey: true },
    });
  }
  const lack = (wrong: string, expected: string): number =>
    found.push({ path: ['simulator', 'cost'], problem: { wrong, expected, atKey: true } });
  if (kind === 'linear') {
    if (alone && !((given.base ?? 0) + (given.prefillToken ?? 0) > 0))
      lack('a step takes no time', 'base or prefillToken above 0');
    return found;
  }
  const missing = alone ? MACHINE_KEYS.filter((key) => given[key] === undefined) : [];
  if (missing.length > 0) lack(`lacks ${missing.join(', ')}`, 'them, or a preset that has them');
  const experts = EXPERT_KEYS.filter((key) => given[key] !== undefined);
  if (experts.length > 0 && given[WEIGHTS] !== undefined)
    lack(`has ${WEIGHTS} beside ${experts[0]}`, 'the bytes of one model: with experts, or without');
  else if (alone && experts.length === 0 && given[WEIGHTS] === undefined)
    lack(`lacks ${WEIGHTS}`, `${WEIGHTS}, or ${EXPERT_KEYS.join(', ')}`);
  else if (alone && experts.length > 0 && experts.length < EXPERT_KEYS.length)
    lack(
      `lacks ${EXPERT_KEYS.filter((key) => !experts.includes(key)).join(', ')}`,
      'all four keys of a mixture of experts',
    );
  if (given.experts !== undefined && (given.expertsPerToken ?? 0) > given.experts)
    found.push({
      path: path('expertsPerToken'),
      problem: { expected: `at most the ${given.experts} experts` },
    });
  return found;
}

/** Keys of a section that an earlier version wrote into its runs; nobody needs them to judge one again. */
export const isReadable = (simulator: unknown): boolean => simulatorSchema.safeParse(simulator).success;
