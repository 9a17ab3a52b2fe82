import type { Hardware } from '../machine/hardware.ts';
import type { Model } from '../machine/model.ts';
import { kvBytesOfSequence, kvBytesPerToken } from '../machine/work.ts';

/** The sequences that a machine must hold. */
export interface HeldSequences {
  concurrency: number;
  /** Tokens of each, input and output together. */
  tokens: number;
}

/** The answer to whether a model can run on a machine. */
export interface MemoryFit {
  fits: boolean;
  /** True if the number of devices divides the attention heads. */
  divides: boolean;
  /** Bytes that one device lacks; `null` if its memory is unknown. */
  missingBytes: number | null;
  /** Tokens of keys and values that fit next to the weights; `null` if the memory is unknown. */
  kvTokens: number | null;
}

/** The share of memory that weights, keys and values need in addition to their own bytes: buffers, activations, the framework. */
const HEADROOM = 1.1;

/** Returns the devices that share the keys and values: as many as there are KV heads; with latent attention each device holds all. */
export const kvDevices = ({ kvHeads, latent }: Model, count: number): number =>
  latent === null ? Math.min(count, kvHeads) : 1;

/** Returns whether the weights, and keys and values of the sequences, fit the memory of each device. */
export function memoryFit(
  model: Model,
  { count, memoryBytes }: Hardware,
  { concurrency, tokens }: HeldSequences,
): MemoryFit {
  const divides = model.heads % count === 0;
  if (memoryBytes === null) return { fits: false, divides, missingBytes: null, kvTokens: null };
  const weights = model.weightBytes / count;
  const shares = kvDevices(model, count);
  const cache = (concurrency * kvBytesOfSequence(model, tokens)) / shares;
  const missingBytes = Math.max(0, HEADROOM * (weights + cache) - memoryBytes);
  const left = (memoryBytes / HEADROOM - weights) * shares;
  const kvTokens = Math.max(0, Math.floor(left / kvBytesPerToken(model, tokens)));
  return { fits: divides && missingBytes === 0, divides, missingBytes, kvTokens };
}
