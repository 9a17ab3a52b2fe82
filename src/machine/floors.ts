import { type Accelerator, PRECISIONS, type Precision } from './accelerators.ts';
import type { Hardware } from './hardware.ts';
import type { Model } from './model.ts';
import { kvBytesOfSequence, prefillFlop, streamedWeightBytes } from './work.ts';

/** Returns the arithmetic intensity in FLOP per byte above which arithmetic is the limit; `null` without both peaks. */
export const ridge = ({ flops, bandwidth }: Pick<Hardware, 'flops' | 'bandwidth'>): number | null =>
  flops === null || bandwidth === null ? null : flops / bandwidth;

/** Returns the ridge of a device for every precision; `null` where the catalogue has no rate. */
export function ridgeByPrecision({
  peak_tflops,
  bandwidth_gbps,
}: Accelerator): Record<Precision, number | null> {
  const ridgeOf = (precision: Precision): number | null => {
    const peak = peak_tflops[precision];
    return peak === null ? null : (peak.value * 1e12) / (bandwidth_gbps.value * 1e9);
  };
  return Object.fromEntries(PRECISIONS.map((precision) => [precision, ridgeOf(precision)])) as Record<
    Precision,
    number | null
  >;
}

/** Returns the lowest possible TTFT of a prompt without cached tokens, without communication; `null` without a peak. */
export function ttftFloorSeconds(
  model: Model,
  { flops, count }: Hardware,
  inputTokens: number,
): number | null {
  return flops === null ? null : prefillFlop(model, inputTokens) / (count * flops);
}

/**
 * Returns the lowest possible TPOT of `batch` sequences with `context` tokens each, without communication: their keys and values are read,
 * and weights are read or multiplied, whichever takes longer. `null` without both peaks.
 */
export function tpotFloorSeconds(
  model: Model,
  { flops, bandwidth, count }: Hardware,
  batch: number,
  context: number,
): number | null {
  if (flops === null || bandwidth === null) return null;
  const attention = (batch * kvBytesOfSequence(model, context)) / (count * bandwidth);
  const reading = streamedWeightBytes(model, batch) / (count * bandwidth);
  const arithmetic = (batch * 2 * model.parameters.matrix) / (count * flops);
  return attention + Math.max(reading, arithmetic);
}
