import { type Accelerator, findAccelerator, PRECISIONS, type Precision } from './accelerators.ts';

/** Hardware as a user states it. `memory`, the price and the peaks are those of one device. */
export interface HardwareSettings {
  accelerator: string;
  /** Number of devices; 1 if absent. */
  count?: number;
  /** Precision of the arithmetic; bf16 if absent, or fp16 where the catalogue has no bf16 figure. */
  precision?: Precision;
  /** Bytes. */
  memory?: number;
  pricePerHour?: number;
  /** FLOP/s at the precision; replaces the figure of the catalogue. */
  peakFlops?: number;
  /** Bytes/s; replaces the figure of the catalogue. */
  peakBandwidth?: number;
}

/** A figure of a device that a report can rest on. */
export type HardwareFigure = 'peakFlops' | 'peakBandwidth' | 'memory' | 'tdp';

/** Devices of one kind with their figures, each of one device; `null`: neither stated nor in the catalogue. */
export interface Hardware {
  accelerator: string;
  name: string;
  count: number;
  precision: Precision;
  /** FLOP/s. */
  flops: number | null;
  /** Bytes/s. */
  bandwidth: number | null;
  memoryBytes: number | null;
  tdpWatt: number | null;
  pricePerHour: number | null;
  /** Figures of the catalogue in use that no source confirms. */
  unverified: HardwareFigure[];
}

/** The reason that settings are refused: `problem` continues the name of the key. */
export interface Refusal {
  key: string;
  problem: string;
}

const TERA = 1e12;
const GIGA = 1e9;
const MIB = 2 ** 20;

/** Returns the hardware of these settings, completed from the catalogue, or the first key that is wrong. */
export function resolveHardware(settings: HardwareSettings): Hardware | Refusal {
  const device = findAccelerator(settings.accelerator);
  if ('nearest' in device) return { key: 'accelerator', problem: unknownText(settings.accelerator, device) };
  const refusal = refusedNumber(settings);
  if (refusal !== null) return refusal;
  const precision = settings.precision ?? (device.peak_tflops.bf16 === null ? 'fp16' : 'bf16');
  const unverified: HardwareFigure[] = [];
  /** Returns the stated value, else that of the catalogue, and notes if no source confirms it. */
  const value = (
    name: HardwareFigure,
    stated: number | undefined,
    [figure, unit]: Catalogued,
  ): number | null => {
    if (stated !== undefined) return stated;
    if (figure === null) return null;
    if (figure.unverified === true) unverified.push(name);
    return figure.value * unit;
  };
  return {
    accelerator: device.id,
    name: device.name,
    count: settings.count ?? 1,
    precision,
    flops: value('peakFlops', settings.peakFlops, [device.peak_tflops[precision], TERA]),
    bandwidth: value('peakBandwidth', settings.peakBandwidth, [device.bandwidth_gbps, GIGA]),
    memoryBytes: value('memory', settings.memory, memoryFigure(device)),
    tdpWatt: value('tdp', undefined, [device.tdp_w, 1]),
    pricePerHour: settings.pricePerHour ?? null,
    unverified,
  };
}

/** A figure of the catalogue and its unit. */
type Catalogued = [figure: Accelerator['tdp_w'], unit: number];

const memoryFigure = ({ memory_mib_reported, memory_gb }: Accelerator): Catalogued =>
  memory_mib_reported === undefined ? [memory_gb, GIGA] : [memory_mib_reported, MIB];

function unknownText(name: string, { nearest }: { nearest: string[] }): string {
  const meant = nearest.length === 0 ? '' : ` (did you mean ${nearest.join(', ')}?)`;
  return `is not in the catalogue: ${JSON.stringify(name)}${meant}; goodput hardware lists all of them`;
}

function refusedNumber(settings: HardwareSettings): Refusal | null {
  const { count, precision, pricePerHour } = settings;
  if (count !== undefined && !(Number.isSafeInteger(count) && count > 0)) {
    return { key: 'count', problem: `must be a whole number of devices of at least 1, not ${count}` };
  }
  if (precision !== undefined && !PRECISIONS.includes(precision)) {
    return {
      key: 'precision',
      problem: `must be one of ${PRECISIONS.join(', ')}, not ${JSON.stringify(precision)}`,
    };
  }
  if (pricePerHour !== undefined && !(pricePerHour >= 0 && Number.isFinite(pricePerHour))) {
    return { key: 'pricePerHour', problem: `must be a price of at least 0, not ${pricePerHour}` };
  }
  for (const key of ['memory', 'peakFlops', 'peakBandwidth'] as const) {
    const value = settings[key];
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
      return { key, problem: `must be a number greater than 0, not ${value}` };
    }
  }
  return null;
}
