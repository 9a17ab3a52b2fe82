import { type Model, readModel } from '../../machine/model.ts';

/** A model of the presets. */
export interface PresetModel {
  name: string;
  /** The fields of its `config.json` that decide its work. */
  config: object;
  /** Bits per weight of an expert's matrices; every other weight has 16. */
  expertBits?: number;
  /** Source of its number of parameters, which the config gives exactly. */
  source: string;
}

const LLAMA_70B = {
  model_type: 'llama',
  hidden_size: 8192,
  num_hidden_layers: 80,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  intermediate_size: 28_672,
};

export const PRESET_MODELS = {
  'llama-3.1-8b': {
    name: 'Llama 3.1 8B',
    config: {
      model_type: 'llama',
      hidden_size: 4096,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      intermediate_size: 14_336,
      vocab_size: 128_256,
    },
    source: 'model card, checkpoint metadata',
  },
  'llama-3.1-70b': {
    name: 'Llama 3.1 70B',
    config: { ...LLAMA_70B, vocab_size: 128_256 },
    source: 'hub listing of Llama 3.3 70B, of the same configuration',
  },
  'llama-2-70b': {
    name: 'Llama 2 70B',
    config: { ...LLAMA_70B, vocab_size: 32_000 },
    source: 'hub listing less 5,120 rotary values',
  },
  'qwen3-30b-a3b': {
    name: 'Qwen3 30B A3B',
    config: {
      model_type: 'qwen3_moe',
      hidden_size: 2048,
      num_hidden_layers: 48,
      num_attention_heads: 32,
      num_key_value_heads: 4,
      head_dim: 128,
      vocab_size: 151_936,
      num_experts: 128,
      num_experts_per_tok: 8,
      moe_intermediate_size: 768,
    },
    source: 'checkpoint index',
  },
  'gpt-oss-120b': {
    name: 'gpt-oss 120B',
    config: {
      model_type: 'gpt_oss',
      hidden_size: 2880,
      num_hidden_layers: 36,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 64,
      intermediate_size: 2880,
      vocab_size: 201_088,
      num_local_experts: 128,
      num_experts_per_tok: 4,
      sliding_window: 128,
    },
    // MXFP4: 4 bits, plus 8 bits of scale per 32 values.
    expertBits: 4.25,
    source: 'checkpoint index',
  },
} as const satisfies Record<string, PresetModel>;

export type PresetModelName = keyof typeof PRESET_MODELS;

/** A model with its bytes as stored. */
export interface StoredModel {
  model: Model;
  /** Bytes of the whole model. */
  storedBytes: number;
  /** Bytes per expert over all layers; 0 without experts. */
  expertBytes: number;
}

/** Returns the model of a preset: bfloat16 except the matrices of experts with `expertBits`. */
export function storedModel({ config, expertBits = 16 }: PresetModel): StoredModel {
  const model = readModel({ config });
  if ('problem' in model) throw new Error(`the config of a preset ${model.problem}`);
  const { parameters, experts, hidden, layers, weightBytes, bytesPerWeight } = model;
  if (experts === null) return { model, storedBytes: weightBytes, expertBytes: 0 };
  const matrices = 3 * hidden * experts.width;
  const vectors = parameters.expert - matrices;
  const expertBytes = layers * ((matrices * expertBits) / 8 + vectors * bytesPerWeight);
  const uniform = layers * parameters.expert * bytesPerWeight;
  return { model, storedBytes: weightBytes - experts.count * (uniform - expertBytes), expertBytes };
}
