import type { Hardware } from '../../machine/hardware.ts';
import type { Model } from '../../machine/model.ts';
import { decodeFlop, kvBytesOfSequence } from '../../machine/work.ts';
import type { RooflineCost } from './cost.ts';

/** Achieved shares of the peaks, and the overhead per step. */
export interface Reached {
  mfu: number;
  mbu: number;
  overhead_us: number;
}

/**
 * Returns the roofline cost of a model on hardware.
 * @param context tokens of a sequence over which the cost of a context token is averaged, which sliding windows lower; `null`: its cost
 * beyond all windows
 */
export function machineCost(
  model: Model,
  { count, flops, bandwidth }: Pick<Hardware, 'count'> & { flops: number; bandwidth: number },
  { mfu, mbu, overhead_us }: Reached,
  context: number | null,
): RooflineCost {
  const { parameters, experts, layers, bytesPerWeight } = model;
  /** Returns what a token of the context adds to a total over the context. */
  const perToken = (total: (context: number) => number): number =>
    context === null ? total(model.window + 1) - total(model.window) : (total(context) - total(0)) / context;
  const weightBytes = (parameters.total - parameters.lookedUp) * bytesPerWeight;
  const expertBytes =
    experts === null ? 0 : (layers - experts.denseLayers) * parameters.expert * bytesPerWeight;
  return {
    kind: 'roofline',
    params: parameters.active,
    attentionFlops: perToken((tokens) => decodeFlop(model, tokens)),
    kvBytesPerToken: perToken((tokens) => kvBytesOfSequence(model, tokens)),
    gpus: count,
    peakFlops: flops,
    peakBandwidth: bandwidth,
    mfu,
    mbu,
    overhead_us,
    ...(experts === null
      ? { weightBytes }
      : {
          denseBytes: weightBytes - experts.count * expertBytes,
          expertBytes,
          experts: experts.count,
          expertsPerToken: experts.perToken,
        }),
  };
}
