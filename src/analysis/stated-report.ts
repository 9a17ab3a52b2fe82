import {
  costFigures,
  type CostFigures,
  costOfDevices,
  costOfInput,
  costOfTokens,
  type Delivered,
  quotient,
} from '../machine/cost.ts';
import { energyFigures, type EnergyFigures } from '../machine/energy.ts';
import type { Hardware } from '../machine/hardware.ts';
import type { Model } from '../machine/model.ts';
import { DEFAULT_CURRENCY, type Price } from '../machine/price.ts';
import { percentileNamed } from '../statistics/percentile.ts';
import type { Measured } from './distribution-summary.ts';
import { type MachineContext, type MachineReport, machineReport } from './machine-report.ts';
import type { Rates } from './report.ts';
import type { RunTotals } from './run-formulas.ts';
import type { Work } from './work-counts.ts';

/** The machine, the model and the prices of an endpoint as a user states them; `null`: not stated. */
export interface Stated {
  hardware: Hardware | null;
  model: Model | null;
  price: Price | null;
}

/** The figures of telemetry about the window of a run. */
export interface Observed {
  /** Running requests, mean over W; `null` if no target reports them. */
  running: number | null;
  energy: { from: 'counter' | 'power'; joule: number; meanWatt: number } | null;
}

/** The figures that rest on statements of the user; `null` if nothing is stated that they need. */
export interface StatedReport {
  machine: MachineReport | null;
  cost: CostFigures | null;
  energy: EnergyFigures | null;
}

export const NOTHING_STATED: StatedReport = { machine: null, cost: null, energy: null };

const MEDIAN = percentileNamed('p50');

/**
 * Computes machine, cost and energy of a run.
 * @param hasTokens false if output events stand for tokens and have several each, so that prices of tokens give no cost
 */
export function statedReport(
  { hardware, model, price }: Stated,
  observed: Observed,
  totals: RunTotals,
  { work, measured, hasTokens }: { work: Work | null; measured: readonly Measured[]; hasTokens: boolean },
): StatedReport {
  const delivered: Delivered = {
    outputTokens: totals.outputTokens,
    inputTokens: totals.inputTokens,
    requests: totals.completed,
    good: totals.completedGood,
  };
  const machine =
    hardware === null || model === null || work === null
      ? null
      : machineReport(
          work,
          { hardware, model },
          {
            seconds: totals.seconds,
            medians: mediansOf(measured),
            running: observed.running,
          },
        );
  return {
    machine,
    cost:
      hardware !== null && hardware.pricePerHour !== null
        ? costFigures(ofDevices(hardware, hardware.pricePerHour, totals, machine, work), delivered)
        : price === null
          ? null
          : costFigures(ofTokens(price, totals, hasTokens), delivered),
    energy: energyOf(hardware, observed, totals, delivered),
  };
}

/** Returns the report with only those of its figures that the rates of the run have, which may be withheld. */
export function withheldLike({ machine, cost, energy }: StatedReport, rates: Rates): StatedReport {
  return {
    machine: machine && {
      ...machine,
      mfu: rates.mfu,
      mfu_prefill: rates.mfu_prefill,
      mfu_decode: rates.mfu_decode,
      mbu: rates.mbu,
    },
    cost: cost && {
      ...cost,
      per_1m_output: rates.cost_per_1m_output,
      per_1m_total: rates.cost_per_1m_total,
      per_request: rates.cost_per_request,
      per_good_request: rates.cost_per_good_request,
    },
    energy: energy && {
      ...energy,
      per_output_token: rates.energy_per_output_token,
      per_request: rates.energy_per_request,
      per_good_request: rates.energy_per_good_request,
    },
  };
}

function mediansOf(measured: readonly Measured[]): MachineContext['medians'] {
  const median = (name: string): number | null =>
    measured.find(({ metric }) => metric.name === name)!.distribution.at(MEDIAN);
  return {
    ttft: median('ttft'),
    tpot: median('tpot'),
    itl: median('itl'),
    chunk_gap: median('chunk_gap'),
  };
}

type Paid = Parameters<typeof costFigures>[0];

/** Devices cost the same whatever they do; the shares are those of the lowest possible times of prefill and decode. */
function ofDevices(
  { count, flops }: Hardware,
  pricePerHour: number,
  { seconds }: RunTotals,
  machine: MachineReport | null,
  work: Work | null,
): Paid {
  const total = seconds > 0 ? costOfDevices(pricePerHour, count, seconds) : null;
  const tpot_ms = machine?.floors.tpot_ms ?? null;
  const prefill_s = work === null || flops === null ? null : work.prefill / (count * flops);
  const decode_s =
    work === null || machine === null
      ? null
      : work.decodeTokens === 0
        ? 0
        : tpot_ms === null
          ? null
          : (work.decodeTokens * tpot_ms) / 1000 / machine.batch.value;
  const both_s = prefill_s === null || decode_s === null ? null : prefill_s + decode_s;
  return { currency: DEFAULT_CURRENCY, by: 'devices', total, prefill_share: quotient(prefill_s, both_s) };
}

function ofTokens(
  price: Price,
  { inputTokens, cachedTokens, outputTokens }: RunTotals,
  hasTokens: boolean,
): Paid {
  const { currency } = price;
  if (inputTokens === null || !hasTokens) return { currency, by: 'price', total: null, prefill_share: null };
  const tokens = { input: inputTokens, cached: cachedTokens, output: outputTokens };
  const total = costOfTokens(price, tokens);
  return { currency, by: 'price', total, prefill_share: quotient(costOfInput(price, tokens), total) };
}

function energyOf(
  hardware: Hardware | null,
  { energy }: Observed,
  { seconds }: RunTotals,
  delivered: Delivered,
): EnergyFigures | null {
  if (energy !== null)
    return energyFigures({ from: energy.from, joule: energy.joule, mean_watt: energy.meanWatt }, delivered);
  if (hardware === null || hardware.tdpWatt === null) return null;
  const mean_watt = hardware.tdpWatt * hardware.count;
  return energyFigures({ from: 'tdp', joule: mean_watt * seconds, mean_watt }, delivered);
}
