import { describe, expect, it } from 'vitest';
import { readModel } from '../../src/machine/model.ts';
import {
  decodeFlop,
  expertsRead,
  kvBytesOfSequence,
  prefillBytes,
  prefillFlop,
  stepBytes,
  streamedWeightBytes,
} from '../../src/machine/work.ts';
import { CHECKED_MODELS, modelOf } from './cases.ts';

const LLAMA = CHECKED_MODELS.find(({ id }) => id === 'llama-3.1-8b')!.config;

describe('parameters', () => {
  it.each(CHECKED_MODELS)('$id has its published number of parameters', (checked) => {
    const model = modelOf({ config: checked.config });
    expect(model.parameters.total).toBe(checked.published_params.value);
    expect(model.parameters.active).toBe(checked.expected.active_params_unembedding_only);
    expect(kvBytesOfSequence(model, 1)).toBe(checked.expected.kv_bytes_per_token_bf16);
    expect(kvBytesOfSequence(model, 8192)).toBe(checked.expected.kv_bytes_at_8192_bf16);
    expect(model.assumptions).toEqual([]);
  });

  it('gives a model of an unknown type, as Llama, with the assumption', () => {
    const model = modelOf({ config: { ...LLAMA, model_type: 'nova' } });
    expect(model.parameters.total).toBe(8_030_261_248);
    expect(model.assumptions).toEqual([expect.stringContaining('nova')]);
  });
});

describe('work', () => {
  const models = ['llama-3.1-8b', 'qwen3-30b-a3b', 'gemma-3-27b-text', 'deepseek-v3', 'mistral-7b-v0.1'].map(
    (id) => ({ id, model: modelOf({ config: id }) }),
  );

  it.each(models)(
    '$id: the prefill of a prompt is the decodes of its tokens, with one output',
    ({ model }) => {
      const table = 2 * model.hidden * model.vocabulary;
      for (const [input, cached] of [
        [1, 0],
        [50, 0],
        [5000, 0],
        [5000, 1],
        [5000, 4200],
        [5000, 5000],
      ] as const) {
        const first = Math.min(cached, input - 1) + 1;
        let sum = table;
        for (let token = first; token <= input; token++) sum += decodeFlop(model, token) - table;
        expect(prefillFlop(model, input, cached) / sum).toBeCloseTo(1, 12);
      }
    },
  );

  it.each(models)('$id: more tokens are more work and more bytes', ({ model }) => {
    for (const tokens of [1, 100, 1024, 4096, 10_000]) {
      expect(prefillFlop(model, tokens + 1)).toBeGreaterThan(prefillFlop(model, tokens));
      expect(prefillFlop(model, tokens + 1, tokens)).toBeLessThanOrEqual(prefillFlop(model, tokens + 1, 0));
      expect(decodeFlop(model, tokens + 1)).toBeGreaterThanOrEqual(decodeFlop(model, tokens));
      expect(kvBytesOfSequence(model, tokens + 1)).toBeGreaterThanOrEqual(kvBytesOfSequence(model, tokens));
      expect(stepBytes(model, tokens + 1, 100)).toBeGreaterThan(stepBytes(model, tokens, 100));
    }
  });

  it('reads every expert with many tokens, those of one token with one', () => {
    const model = modelOf({ config: 'qwen3-30b-a3b' });
    expect(expertsRead(model, 1)).toBeCloseTo(8, 10);
    expect(expertsRead(model, 1e6)).toBeCloseTo(128, 10);
    const { total, lookedUp, active } = model.parameters;
    expect(streamedWeightBytes(model, 1e6)).toBe(2 * (total - lookedUp));
    expect(streamedWeightBytes(model, 1) / (2 * active)).toBeCloseTo(1, 12);
  });

  it('of a prefill reads the weights for the tokens that it computes and the cache of all', () => {
    const model = modelOf({ config: 'qwen3-30b-a3b' });
    expect(prefillBytes(model, 100, 90)).toBe(streamedWeightBytes(model, 10) + kvBytesOfSequence(model, 100));
    expect(prefillBytes(model, 100, 100)).toBe(streamedWeightBytes(model, 1) + kvBytesOfSequence(model, 100));
  });
});

describe('config.json as on the hub', () => {
  it('may have its fields in text_config', () => {
    const { model_type, vocab_size, ...text } = CHECKED_MODELS.find(
      ({ id }) => id === 'gemma-3-27b-text',
    )!.config;
    const config = {
      architectures: ['Gemma3ForConditionalGeneration'],
      model_type: 'gemma3',
      vocab_size,
      text_config: { ...text, model_type },
    };
    expect(modelOf({ config })).toEqual(modelOf({ config: 'gemma-3-27b-text' }));
  });

  const window = { sliding_window: 512 };
  it.each([
    ['no window', { model_type: 'mistral' }, 0],
    ['null', { model_type: 'mistral', sliding_window: null }, 0],
    ['every layer of Mistral', { model_type: 'mistral', ...window }, 32],
    ['switched off', { model_type: 'mistral', ...window, use_sliding_window: false }, 0],
    ['its own number', { model_type: 'gemma2', ...window, sliding_layers: 5 }, 5],
    [
      'layer types',
      { model_type: 'gemma2', ...window, layer_types: ['sliding_attention', 'full_attention'] },
      1,
    ],
    ['a pattern', { model_type: 'gemma2', ...window, sliding_window_pattern: 5 }, 26],
    ['every second of Gemma 2', { model_type: 'gemma2', ...window }, 16],
    ['the first of three of Gemma 2', { model_type: 'gemma2', ...window, num_hidden_layers: 3 }, 2],
    ['all but every sixth of Gemma 3', { model_type: 'gemma3_text', ...window }, 27],
    ['Qwen without a switch', { model_type: 'qwen2', ...window, max_window_layers: 20 }, 0],
    ['Qwen', { model_type: 'qwen3', ...window, use_sliding_window: true, max_window_layers: 20 }, 12],
  ])('sliding layers: %s', (_, fields, layers) => {
    expect(modelOf({ config: { ...LLAMA, ...fields } }).slidingLayers).toBe(layers);
  });

  it.each([
    ['llama', false],
    ['gemma2', true],
    ['gemma3_text', true],
  ])('%s without tie_word_embeddings is tied: %s', (model_type, isTied) => {
    expect(modelOf({ config: { ...LLAMA, model_type, tie_word_embeddings: undefined } }).isTied).toBe(isTied);
  });

  it('GPT-2 may state the width of its network', () => {
    const gpt2 = {
      model_type: 'gpt2',
      n_embd: 768,
      n_layer: 12,
      n_head: 12,
      n_positions: 1024,
      vocab_size: 50257,
    };
    const [normal, wide] = [gpt2, { ...gpt2, n_inner: 4 * 768 + 1 }].map((config) => modelOf({ config }));
    // One row and one column per layer, and a bias.
    expect(wide!.parameters.total - normal!.parameters.total).toBe(12 * (2 * 768 + 1));
  });
});

describe('refused', () => {
  it.each([
    [
      { architectures: ['BertForMaskedLM'], model_type: 'bert' },
      /BertForMaskedLM.*causal|causal.*BertForMaskedLM/,
    ],
    [{ ...LLAMA, architectures: ['LlamaForSequenceClassification'] }, /LlamaForSequenceClassification/],
    [{ ...LLAMA, model_type: 'xlm-roberta' }, /not of a causal language model/],
    [{ model_type: 't5', is_encoder_decoder: true, d_model: 512 }, /encoder-decoder/],
    [{ model_type: 'whisper', architectures: ['WhisperForConditionalGeneration'] }, /encoder-decoder/],
    [{ ...LLAMA, hidden_size: undefined, vocab_size: null }, /no hidden_size, vocab_size/],
    [{ ...LLAMA, model_type: undefined }, /no model_type/],
    [{ ...LLAMA, num_experts: 8 }, /num_experts_per_tok/],
    [{ ...LLAMA, num_experts: 8, num_experts_per_tok: 9 }, /exceeds the 8/],
    [{ ...LLAMA, kv_lora_rank: 512 }, /qk_nope_head_dim, qk_rope_head_dim, v_head_dim/],
    [{ ...LLAMA, hidden_size: '4096' }, /hidden_size must be a whole number.*"4096"/],
    [{ ...LLAMA, num_attention_heads: 30, head_dim: null }, /multiple of num_attention_heads/],
    [[], /JSON object/],
    [null, /JSON object/],
  ])('config %#', (config, problem) => {
    expect(readModel({ config })).toMatchObject({ key: 'config', problem: expect.stringMatching(problem) });
  });

  it.each(['weightBytes', 'kvBytes', 'weights'])('%s of 0', (key) => {
    expect(readModel({ config: LLAMA, [key]: 0 })).toMatchObject({ key });
  });
});
