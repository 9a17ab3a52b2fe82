import { ACHIEVED, OVERHEAD_US } from '../simulator/engine/model-presets.ts';
import type { Reached } from '../simulator/engine/machine-cost.ts';

/** Where an assumption comes from: goodput's own, the user's, or a measured run. */
export type AssumedFrom = 'default' | 'stated' | 'run';

/** The assumptions of the simulated engine: shares of the peaks that are reached, and the overhead of a step. */
export interface Assumed {
  /** On one device. */
  mfu: number;
  mbu: number;
  /** On several devices, which wait for one another. */
  mfu_several: number;
  mbu_several: number;
  overhead_us: number;
  from: Record<'mfu' | 'mbu' | 'overhead', AssumedFrom>;
}

/** Returns goodput's assumptions, with the values that the user states or a run shows. */
export function assume(stated: Partial<Reached>, measured: Partial<Reached> = {}): Assumed {
  const from = (key: keyof Reached): AssumedFrom =>
    stated[key] !== undefined ? 'stated' : measured[key] !== undefined ? 'run' : 'default';
  const given = { ...measured, ...stated };
  return {
    mfu: given.mfu ?? ACHIEVED.one.mfu,
    mbu: given.mbu ?? ACHIEVED.one.mbu,
    mfu_several: given.mfu ?? ACHIEVED.several.mfu,
    mbu_several: given.mbu ?? ACHIEVED.several.mbu,
    overhead_us: given.overhead_us ?? OVERHEAD_US,
    from: { mfu: from('mfu'), mbu: from('mbu'), overhead: from('overhead_us') },
  };
}

/** Returns what this many devices reach. */
export const reachedBy = (
  { mfu, mbu, mfu_several, mbu_several, overhead_us }: Assumed,
  count: number,
): Reached => (count === 1 ? { mfu, mbu, overhead_us } : { mfu: mfu_several, mbu: mbu_several, overhead_us });
