import type { Microseconds } from '../../units.ts';

/**
 * The work of one step, summed over its entries. A decode entry has at least one token generated and exactly one token left to compute;
 * everything else is prefill, including recomputation after preemption.
 */
export interface StepWork {
  /** P */
  prefillTokens: number;
  /** A: pairs of query and context tokens, Σ (n·computed + n(n+1)/2). */
  prefillPairs: number;
  /** R: context tokens read by prefill, Σ (computed + n). */
  prefillContext: number;
  /** D */
  decodes: number;
  /** C: Σ (computed + 1). */
  decodeContext: number;
}

/** T = base + prefillToken·P + decodeSequence·D + contextToken·C + prefillPair·A, in µs. */
export interface LinearCost {
  kind: 'linear';
  base: number;
  prefillToken: number;
  decodeSequence: number;
  contextToken: number;
  prefillPair: number;
}

interface RooflineFigures {
  kind: 'roofline';
  /** Parameters that a token uses: the active ones of a mixture of experts. */
  params: number;
  /** FLOP per pair of query and context tokens, over all layers. */
  attentionFlops: number;
  kvBytesPerToken: number;
  gpus: number;
  /** FLOP/s per GPU. */
  peakFlops: number;
  /** Bytes/s per GPU. */
  peakBandwidth: number;
  /** Achieved shares of the peaks, in (0, 1]. */
  mfu: number;
  mbu: number;
  overhead_us: number;
}

interface DenseWeights {
  weightBytes: number;
}

/** The bytes read grow with the experts used: E·(1 − (1 − k/E)^tokens) of them, if each token picks k of E at random. */
interface ExpertWeights {
  /** Read in every step. */
  denseBytes: number;
  /** Bytes per expert, over all layers. */
  expertBytes: number;
  experts: number;
  expertsPerToken: number;
}

/**
 * Matrix work and attention run one after the other, each bound by the slower of arithmetic and memory:
 * T = overhead + max(2·params·(P + D)/F, weightBytes/W) + max(attentionFlops·(A + C)/F, kvBytesPerToken·(C + R)/W)
 * with F = gpus·peakFlops·mfu and W = gpus·peakBandwidth·mbu.
 */
export type RooflineCost = RooflineFigures & (DenseWeights | ExpertWeights);

export type CostModel = LinearCost | RooflineCost;

/** Returns the duration of a step in whole µs. */
export type StepTime = (work: StepWork) => Microseconds;

export function stepTimeOf(cost: CostModel): StepTime {
  return cost.kind === 'linear' ? linear(cost) : roofline(cost);
}

/** Rounds up to whole µs; a millionth above a whole number is a rounding error. */
const wholeMicroseconds = (x: number): Microseconds => Math.ceil(x - 1e-6);

function linear({ base, prefillToken, decodeSequence, contextToken, prefillPair }: LinearCost): StepTime {
  return ({ prefillTokens, prefillPairs, decodes, decodeContext }) =>
    wholeMicroseconds(
      base +
        prefillToken * prefillTokens +
        decodeSequence * decodes +
        contextToken * decodeContext +
        prefillPair * prefillPairs,
    );
}

function roofline(cost: RooflineCost): StepTime {
  const { params, attentionFlops, kvBytesPerToken, gpus, peakFlops, peakBandwidth, mfu, mbu } = cost;
  const flops = gpus * peakFlops * mfu;
  const bandwidth = gpus * peakBandwidth * mbu;
  const weightBytes = weightBytesOf(cost);
  return ({ prefillTokens, prefillPairs, prefillContext, decodes, decodeContext }) => {
    const tokens = prefillTokens + decodes;
    const matrices = Math.max((2 * params * tokens) / flops, weightBytes(tokens) / bandwidth);
    const attention = Math.max(
      (attentionFlops * (prefillPairs + decodeContext)) / flops,
      (kvBytesPerToken * (decodeContext + prefillContext)) / bandwidth,
    );
    return wholeMicroseconds(cost.overhead_us + (matrices + attention) * 1e6);
  };
}

function weightBytesOf(cost: RooflineCost): (tokens: number) => number {
  if ('weightBytes' in cost) return () => cost.weightBytes;
  const { denseBytes, expertBytes, experts, expertsPerToken } = cost;
  const untouchedByOne = 1 - expertsPerToken / experts;
  return (tokens) => denseBytes + expertBytes * experts * (1 - power(untouchedByOne, tokens));
}

/**
 * Exponentiation by squaring. It uses only products, so that a seed gives the same run on every JavaScript engine, which `Math.pow` does
 * not guarantee.
 */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
