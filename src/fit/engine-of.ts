import type { Hardware } from '../machine/hardware.ts';
import type { Model } from '../machine/model.ts';
import { DEFAULT_BATCHING } from '../simulator/engine/batching.ts';
import type { RooflineCost } from '../simulator/engine/cost.ts';
import { machineCost, type Reached } from '../simulator/engine/machine-cost.ts';
import { kvDevices } from './memory-fit.ts';

/** The cost model and the cache of the simulated engine for a machine. */
export interface EngineOfMachine {
  cost: RooflineCost;
  kvBlocks: number;
}

/**
 * Returns the engine that stands for a model on a machine; `null` without both peaks or without room for a block.
 * @param context mean tokens of a sequence while it decodes
 */
export function engineOfMachine(
  model: Model,
  hardware: Hardware,
  reached: Reached,
  { context, kvTokens }: { context: number; kvTokens: number | null },
): EngineOfMachine | null {
  const { flops, bandwidth, count } = hardware;
  const kvBlocks = Math.floor((kvTokens ?? 0) / DEFAULT_BATCHING.blockSize);
  if (flops === null || bandwidth === null || kvBlocks < 1) return null;
  const cost = machineCost(model, { count, flops, bandwidth }, reached, context);
  // Devices beyond the KV heads read copies: the time of a read is that of the devices that share it.
  const copies = count / kvDevices(model, count);
  return { cost: { ...cost, kvBytesPerToken: cost.kvBytesPerToken * copies }, kvBlocks };
}
