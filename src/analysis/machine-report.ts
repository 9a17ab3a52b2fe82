import type { Hardware } from '../machine/hardware.ts';
import type { Model } from '../machine/model.ts';
import { ridge, tpotFloorSeconds, ttftFloorSeconds } from '../machine/floors.ts';
import { decodeFlop, kvBytesPerToken, prefillBytes, prefillFlop, stepBytes } from '../machine/work.ts';
import type { Milliseconds } from '../units.ts';
import { impossibleFigures, type ImpossibleFigure, withheldBy } from './impossible.ts';
import type { Work } from './work-counts.ts';

export type Bound = 'compute' | 'bandwidth' | 'overhead';

/** The figures of the stated machine: `machine` of the summary document. `null`: unknown, or withheld because it is impossible. */
export interface MachineReport {
  accelerator: string;
  count: number;
  precision: string;
  model: {
    params: number;
    active_params: number;
    weight_bytes: number;
    kv_bytes_per_token: number | null;
  };
  /** In W. */
  flop: { prefill: number; decode: number };
  mfu: number | null;
  mfu_prefill: number | null;
  mfu_decode: number | null;
  mbu: number | null;
  /** Sequences of a decode step. */
  batch: { value: number; from: 'telemetry' | 'client' };
  step_ms: Milliseconds | null;
  /** Tokens in the sequence of a decode token, mean over W. */
  context_tokens: number | null;
  /** FLOP per byte. */
  intensity: { prefill: number | null; decode: number | null };
  ridge: number | null;
  /** FLOP/s and bytes/s of one device. */
  peak: { flops: number | null; bandwidth: number | null };
  /** FLOP/s per device: of a prefill in the median TTFT, and of a decode step. `null`: unknown, or impossible. */
  reached: { prefill: number | null; decode: number | null };
  bound: { prefill: Bound | null; decode: Bound | null };
  floors: { ttft_ms: Milliseconds | null; tpot_ms: Milliseconds | null };
  impossible: ImpossibleFigure[];
  /** Peaks of the catalogue in use that no source confirms. */
  unverified: string[];
  assumptions: string[];
}

/** The measured figures that those of the machine are computed from. */
export interface MachineContext {
  seconds: number;
  /** Median TTFT, TPOT, ITL and chunk gap of the cohort in ms; `null` without one. */
  medians: Record<'ttft' | 'tpot' | 'itl' | 'chunk_gap', Milliseconds | null>;
  /** Running requests by telemetry, mean over W; `null` without it. */
  running: number | null;
}

const MS = 1000;

/** Below this share of both peaks, neither of them is the limit. */
const OVERHEAD = 0.2;

/** Computes the figures of a machine (docs/machines.md). */
export function machineReport(
  work: Work,
  { hardware, model }: { hardware: Hardware; model: Model },
  { seconds, medians, running }: MachineContext,
): MachineReport {
  const { flops, bandwidth, count } = hardware;
  const { context, uncached } = work;
  const batch = Math.max(1, running ?? work.streaming);
  const step_ms = stepTime(work, medians);
  const capacity = flops === null ? 0 : seconds * count * flops;
  const share = (flop: number): number | null => (capacity > 0 ? flop / capacity : null);
  const mbu =
    step_ms === null || step_ms === 0 || context === null || bandwidth === null
      ? null
      : stepBytes(model, batch, context) / ((step_ms / MS) * count * bandwidth);
  const computed = {
    mfu: share(work.prefill + work.decode),
    mfu_prefill: share(work.prefill),
    mfu_decode: share(work.decode),
    mbu,
  };
  const floors = {
    ttft_ms: inMs(uncached === null ? null : ttftFloorSeconds(model, hardware, uncached)),
    tpot_ms: inMs(context === null ? null : tpotFloorSeconds(model, hardware, batch, context)),
  };
  const impossible = impossibleFigures({ ...computed, ...medians }, floors);
  const shown = withheldBy(impossible, computed);
  const intensity = {
    prefill: uncached === null ? null : prefillFlop(model, uncached) / prefillBytes(model, uncached),
    decode: context === null ? null : (batch * decodeFlop(model, context)) / stepBytes(model, batch, context),
  };
  const isOverhead = isBelow(shown.mfu, OVERHEAD) && isBelow(shown.mbu, OVERHEAD);
  const ridgePoint = ridge(hardware);
  const isImpossible = (name: string): boolean => impossible.some(({ figure }) => figure === name);
  const perSecond = (flop: number, ms: Milliseconds | null): number | null =>
    ms === null || ms === 0 ? null : flop / (ms / MS) / count;
  return {
    accelerator: hardware.accelerator,
    count,
    precision: hardware.precision,
    model: {
      params: model.parameters.total,
      active_params: model.parameters.active,
      weight_bytes: model.weightBytes,
      kv_bytes_per_token: context === null ? null : kvBytesPerToken(model, context),
    },
    flop: { prefill: work.prefill, decode: work.decode },
    ...shown,
    batch: { value: batch, from: running === null ? 'client' : 'telemetry' },
    step_ms,
    context_tokens: context,
    intensity,
    ridge: ridgePoint,
    peak: { flops, bandwidth },
    reached: {
      prefill:
        uncached === null || isImpossible('ttft')
          ? null
          : perSecond(prefillFlop(model, uncached), medians.ttft),
      decode:
        context === null || shown.mbu === null
          ? null
          : perSecond(batch * decodeFlop(model, context), step_ms),
    },
    bound: {
      prefill: boundOf(intensity.prefill, ridgePoint, isOverhead),
      decode: boundOf(intensity.decode, ridgePoint, isOverhead),
    },
    floors,
    impossible,
    unverified: hardware.unverified.filter((name) => name === 'peakFlops' || name === 'peakBandwidth'),
    assumptions: assumptionsOf(work, model, running),
  };
}

/** Returns the time of a decode step: the median ITL, or the median gap of events with several tokens, divided by their number. */
function stepTime({ perEvent }: Work, { itl, chunk_gap }: MachineContext['medians']): Milliseconds | null {
  if (perEvent === null) return null;
  if (perEvent === 1) return itl;
  return chunk_gap === null ? null : chunk_gap / perEvent;
}

const inMs = (seconds: number | null): Milliseconds | null => (seconds === null ? null : seconds * MS);

const isBelow = (value: number | null, limit: number): boolean => value !== null && value < limit;

function boundOf(intensity: number | null, ridgePoint: number | null, isOverhead: boolean): Bound | null {
  if (intensity === null || ridgePoint === null) return null;
  if (isOverhead) return 'overhead';
  return intensity < ridgePoint ? 'bandwidth' : 'compute';
}

function assumptionsOf(work: Work, model: Model, running: number | null): string[] {
  const { planned, unknown, cacheReported, perEvent } = work;
  const requests = (count: number): string => `${count} ${count === 1 ? 'request' : 'requests'}`;
  return [
    ...model.assumptions,
    ...(running === null ? ['the batch is the mean number of streams that the client read at once'] : []),
    ...(cacheReported === 0 ? ['no input tokens were cached: the server does not report any'] : []),
    ...(planned > 0
      ? [`${requests(planned)} had the planned input tokens: the server did not count them`]
      : []),
    ...(unknown > 0 ? [`${requests(unknown)} with unknown input tokens did no work`] : []),
    ...(perEvent !== null && perEvent > 1 ? [`an event carries the tokens of ${perEvent} steps`] : []),
  ];
}
