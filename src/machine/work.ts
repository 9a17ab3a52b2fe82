import type { Model } from './model.ts';

/** Returns the FLOP in one layer per pair of a token and a position that it attends to: q·k and the weighted sum of v. */
function pairFlop({ heads, headDim, latent }: Model): number {
  return latent === null ? 4 * heads * headDim : 2 * heads * (latent.nope + latent.rope + latent.value);
}

/** Returns Σ over layers of the positions that the token at this position attends to, itself included. */
const positionsOfToken = (model: Model, context: number): number =>
  (model.layers - model.slidingLayers) * context + model.slidingLayers * Math.min(context, model.window);

/** Returns Σ over layers of the pairs of `tokens` tokens from the beginning of a sequence. */
function pairsOfTokens({ layers, slidingLayers, window }: Model, tokens: number): number {
  const within = slidingLayers === 0 ? 0 : Math.min(tokens, window);
  const full = (tokens * (tokens + 1)) / 2;
  const sliding = (within * (within + 1)) / 2 + (tokens - within) * within;
  return (layers - slidingLayers) * full + slidingLayers * sliding;
}

/** Returns the tokens of a prompt that a prefill computes: all that are not cached, and at least the last. */
const computedTokens = (inputTokens: number, cachedTokens: number): number =>
  inputTokens - Math.max(0, Math.min(cachedTokens, inputTokens - 1));

/** Returns the FLOP of the prefill of a prompt, with the output embedding once, for its last token. */
export function prefillFlop(model: Model, inputTokens: number, cachedTokens = 0): number {
  const table = model.hidden * model.vocabulary;
  const computed = computedTokens(inputTokens, cachedTokens);
  const pairs = pairsOfTokens(model, inputTokens) - pairsOfTokens(model, inputTokens - computed);
  return 2 * (model.parameters.matrix - table) * computed + 2 * table + pairFlop(model) * pairs;
}

/** Returns the FLOP of one decoded token with `context` tokens in its sequence, itself included. */
export const decodeFlop = (model: Model, context: number): number =>
  2 * model.parameters.matrix + pairFlop(model) * positionsOfToken(model, context);

/** Returns the bytes of keys and values of a token in one layer. */
function kvBytesPerLayer({ kvHeads, headDim, latent, kvBytes }: Model): number {
  return (latent === null ? 2 * kvHeads * headDim : latent.kvRank + latent.rope) * kvBytes;
}

/** Returns the bytes of keys and values of a sequence of `context` tokens; a sliding layer holds its window. */
export const kvBytesOfSequence = (model: Model, context: number): number =>
  kvBytesPerLayer(model) * positionsOfToken(model, context);

/** Returns the bytes of keys and values per token of a sequence of `context` tokens. */
export const kvBytesPerToken = (model: Model, context: number): number =>
  kvBytesOfSequence(model, context) / context;

/** Returns the experts of a layer that a step of `tokens` tokens reads, if each token picks its experts at random; `null` without experts. */
export function expertsRead({ experts }: Model, tokens: number): number | null {
  if (experts === null) return null;
  return experts.count * (1 - (1 - experts.perToken / experts.count) ** tokens);
}

/** Returns the bytes of weights that a step of this many tokens, one per sequence in decode, reads: no input embedding, only the experts used. */
export function streamedWeightBytes(model: Model, sequences: number): number {
  const { parameters, experts, layers, bytesPerWeight } = model;
  const read = parameters.total - parameters.lookedUp;
  if (experts === null) return bytesPerWeight * read;
  const unread = experts.count - expertsRead(model, sequences)!;
  return bytesPerWeight * (read - (layers - experts.denseLayers) * unread * parameters.expert);
}

/** Returns the bytes of a decode step of `sequences` sequences with `context` tokens each: weights, keys and values. */
export const stepBytes = (model: Model, sequences: number, context: number): number =>
  streamedWeightBytes(model, sequences) + sequences * kvBytesOfSequence(model, context);

/** Returns the bytes of the prefill of a prompt: the weights once, and keys and values of all of its tokens. */
export const prefillBytes = (model: Model, inputTokens: number, cachedTokens = 0): number =>
  streamedWeightBytes(model, computedTokens(inputTokens, cachedTokens)) +
  kvBytesOfSequence(model, inputTokens);
