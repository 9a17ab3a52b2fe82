import type { Refusal } from './hardware.ts';

/** The fields of a `config.json` that decide a model's work, under one name each. */
export interface Config {
  modelType: string;
  hidden: number;
  layers: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  /** Width of the feed-forward network of a dense layer; 0 if no layer is dense and the config does not have it. */
  width: number;
  vocabulary: number;
  /** Learned position embeddings; 0 with rotary ones. */
  positions: number;
  isTied: boolean;
  /** Layers whose attention reaches only the last `window` tokens. */
  slidingLayers: number;
  window: number;
  /** Multi-head latent attention. */
  latent: { queryRank: number | null; kvRank: number; nope: number; rope: number; value: number } | null;
  experts: { count: number; perToken: number; width: number; shared: number; denseLayers: number } | null;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ENCODERS =
  /^(?:(?:mobile|distil|camem|modern|xlm-?)?(?:bert|roberta)|albert|electra|deberta(?:-v2)?|mpnet|xlnet|vit|clip|siglip|wav2vec2|hubert|nomic_bert)$/;
const ENCODER_DECODERS =
  /^(?:m?t5|umt5|m?bart|pegasus|marian|whisper|led|blenderbot|m2m_100|fsmt|prophetnet|encoder-decoder)$/;
const GENERATES = /(?:ForCausalLM|LMHeadModel|ForConditionalGeneration)$/;

/** GPT-2's names for the fields of other models. */
const OTHER_NAMES = new Map([
  ['hidden_size', ['n_embd']],
  ['num_hidden_layers', ['n_layer']],
  ['num_attention_heads', ['n_head']],
  ['max_position_embeddings', ['n_positions', 'n_ctx']],
  ['intermediate_size', ['n_inner']],
]);

/** Vision models with the text model of another family, whose fields they have in addition to their own. */
const TEXT_FAMILIES = new Map([
  ['qwen2_vl', 'qwen2'],
  ['qwen2_5_vl', 'qwen2'],
  ['qwen2_vl_text', 'qwen2'],
  ['qwen2_5_vl_text', 'qwen2'],
  ['qwen3_vl', 'qwen3'],
  ['qwen3_vl_text', 'qwen3'],
  ['qwen3_vl_moe', 'qwen3_moe'],
  ['qwen3_vl_moe_text', 'qwen3_moe'],
]);

/** Returns the fields of a `config.json` as on the hub, or why it does not describe a causal language model. */
export function readConfig(content: unknown): Config | Refusal {
  if (!isObject(content)) return refusal('must be the content of a config.json: a JSON object');
  const text = content['text_config'];
  const all: Fields = isObject(text) ? { ...content, ...text } : content;
  const other = notCausal(content, all);
  if (other !== null) return refusal(other);
  const reader = new FieldReader(all);
  const config = configOf(reader, all);
  return reader.problem() ?? (typeof config === 'string' ? refusal(config) : config);
}

const refusal = (problem: string): Refusal => ({ key: 'config', problem });

function notCausal(content: Fields, all: Fields): string | null {
  const type = all['model_type'];
  const architectures = content['architectures'];
  const named = Array.isArray(architectures) && architectures.length > 0 ? architectures.join(', ') : null;
  const what = named ?? String(type);
  if (all['is_encoder_decoder'] === true || (typeof type === 'string' && ENCODER_DECODERS.test(type))) {
    return `describes an encoder-decoder model (${what}): goodput computes the work of causal language models only`;
  }
  const isEncoder = typeof type === 'string' && ENCODERS.test(type);
  const generates =
    named === null || (architectures as unknown[]).some((each) => GENERATES.test(String(each)));
  if (!isEncoder && generates) return null;
  return `is not of a causal language model (${what}): use the config.json of a model whose architecture ends in ForCausalLM`;
}

/** Reads numbers from fields, and collects which are missing or wrong. */
class FieldReader {
  readonly #fields: Fields;
  readonly #missing: string[] = [];
  readonly #wrong: string[] = [];

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  /** Returns a whole number of at least 1 under this name or GPT-2's; `null` if absent or null. */
  optional(name: string): number | null {
    const key = [name, ...(OTHER_NAMES.get(name) ?? [])].find(
      (each) => (this.#fields[each] ?? null) !== null,
    );
    if (key === undefined) return null;
    const value = this.#fields[key];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    this.#wrong.push(`${key} must be a whole number of at least 1, not ${JSON.stringify(value)}`);
    return 1;
  }

  /** Returns a number under this name; `null` if absent, null or 0. */
  unlessZero(name: string): number | null {
    return this.#fields[name] === 0 ? null : this.optional(name);
  }

  required(name: string): number {
    const value = this.optional(name);
    if (value === null) this.#missing.push(name);
    return value ?? 1;
  }

  modelType(): string {
    const type = this.#fields['model_type'];
    if (typeof type === 'string' && type !== '') return TEXT_FAMILIES.get(type) ?? type;
    this.#missing.push('model_type');
    return '';
  }

  problem(): Refusal | null {
    if (this.#missing.length > 0) {
      return refusal(`has no ${this.#missing.join(', ')}: use the complete config.json of the model`);
    }
    return this.#wrong.length > 0 ? refusal(`is wrong: ${this.#wrong.join('; ')}`) : null;
  }
}

/** Returns the config, or the contradiction between its fields. */
function configOf(read: FieldReader, all: Fields): Config | string {
  const modelType = read.modelType();
  const hidden = read.required('hidden_size');
  const layers = read.required('num_hidden_layers');
  const heads = read.required('num_attention_heads');
  const kvHeads = read.optional('num_key_value_heads') ?? heads;
  const vocabulary = read.required('vocab_size');
  const isGpt2 = modelType === 'gpt2';
  const latent = latentOf(read, all);
  const expertCount =
    read.unlessZero('num_local_experts') ??
    read.unlessZero('num_experts') ??
    read.unlessZero('n_routed_experts');
  const denseLayers = expertCount === null ? layers : Math.min(layers, countOf(all['first_k_dense_replace']));
  const ownWidth = read.optional('moe_intermediate_size');
  const needsWidth = denseLayers > 0 || ownWidth === null;
  const width =
    read.optional('intermediate_size') ??
    (isGpt2 ? 4 * hidden : needsWidth ? read.required('intermediate_size') : 0);
  const headDim = read.optional('head_dim') ?? hidden / heads;
  const experts =
    expertCount === null
      ? null
      : {
          count: expertCount,
          perToken: read.required('num_experts_per_tok'),
          width: ownWidth ?? width,
          shared: countOf(all['n_shared_experts']),
          denseLayers,
        };
  const positions = isGpt2 ? read.required('max_position_embeddings') : 0;
  const window = read.unlessZero('sliding_window');
  if (latent === null && !Number.isInteger(headDim)) {
    return `is wrong: hidden_size ${hidden} is not a multiple of num_attention_heads ${heads}, and there is no head_dim`;
  }
  if (experts !== null && experts.perToken > experts.count) {
    return `is wrong: num_experts_per_tok ${experts.perToken} exceeds the ${experts.count} experts`;
  }
  return {
    modelType,
    hidden,
    layers,
    heads,
    kvHeads,
    headDim,
    width,
    vocabulary,
    positions,
    isTied:
      typeof all['tie_word_embeddings'] === 'boolean'
        ? all['tie_word_embeddings']
        : isGpt2 || modelType.startsWith('gemma'),
    slidingLayers: window === null ? 0 : Math.min(layers, slidingLayersOf(modelType, layers, all)),
    window: window ?? 0,
    latent,
    experts,
  };
}

const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;

function latentOf(read: FieldReader, all: Fields): Config['latent'] {
  if ((all['kv_lora_rank'] ?? null) === null) return null;
  return {
    queryRank: read.optional('q_lora_rank'),
    kvRank: read.required('kv_lora_rank'),
    nope: read.required('qk_nope_head_dim'),
    rope: read.required('qk_rope_head_dim'),
    value: read.required('v_head_dim'),
  };
}

/** The value of `max_window_layers` in Qwen's code if a config has none. */
const MAX_WINDOW_LAYERS = 28;

/** Returns the number of layers with a sliding window, in a config that states the window. */
function slidingLayersOf(modelType: string, layers: number, all: Fields): number {
  const { sliding_layers: stated, use_sliding_window: uses, layer_types: types } = all;
  if (uses === false) return 0;
  if (typeof stated === 'number') return stated;
  if (Array.isArray(types)) return types.filter((type) => type === 'sliding_attention').length;
  const pattern = countOf(all['sliding_window_pattern']);
  if (pattern > 0) return layers - Math.floor(layers / pattern);
  switch (modelType) {
    case 'gemma2':
    case 'gpt_oss':
      return Math.ceil(layers / 2);
    case 'gemma3_text':
      return layers - Math.floor(layers / 6);
    case 'qwen2':
    case 'qwen3':
      return uses === true ? Math.max(0, layers - countOf(all['max_window_layers'] ?? MAX_WINDOW_LAYERS)) : 0;
    default:
      return layers;
  }
}
