import { didYouMean } from '../errors.ts';
import catalogue from './accelerators.json' with { type: 'json' };

/** The precisions of arithmetic in the catalogue. */
export const PRECISIONS = ['fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** A figure with the key of its source, or marked `unverified`: recalled, or disputed between sources. */
export interface Figure {
  value: number;
  source?: string;
  unverified?: boolean;
}

/** An entry of the catalogue. Its figures describe one device, as software counts devices. */
export interface Accelerator {
  id: string;
  name: string;
  vendor: string;
  year: number;
  /** The kind of one device: gpu, gcd, tile, chip, soc or card. */
  figures_per: string;
  /** Devices in one sold unit. */
  devices_per_unit: number;
  unit?: string;
  /** The vendor's label, in 10⁹ bytes. */
  memory_gb: Figure;
  /** MiB that the driver reports. */
  memory_mib_reported?: Figure;
  memory_type: string;
  /** 10⁹ bytes/s. */
  bandwidth_gbps: Figure;
  /** Dense rates in 10¹² operations per second, with accumulation in FP32; `null`: not supported or not published. */
  peak_tflops: Readonly<Record<Precision, Figure | null>>;
  /** Precisions with a rate that is not published. */
  unknown_peaks?: readonly string[];
  tdp_w: Figure | null;
  /** 10⁹ bytes/s to other devices, both directions together. */
  interconnect_gbps: Figure | null;
  interconnect: string;
  smi_names?: readonly string[];
  notes: string;
}

const DEVICES: readonly Accelerator[] = catalogue.devices;

/** The titles of the sources, by key. */
export const SOURCES: Readonly<Record<string, string>> = catalogue.sources;

/** Returns the catalogue, by vendor and age. */
export const accelerators = (): readonly Accelerator[] => DEVICES;

const NEAREST = 3;

/** Returns the accelerator with this id in any case, or the ids that were probably meant, the most similar first. */
export function findAccelerator(id: string): Accelerator | { nearest: string[] } {
  const wanted = id.trim().toLowerCase();
  return DEVICES.find((device) => device.id === wanted) ?? { nearest: nearestIds(wanted) };
}

/** Returns ids with all parts of the word, then those whose parts are all in it, then those within a few typing errors. */
function nearestIds(word: string): string[] {
  const partsOf = (text: string): string[] => text.split(/[^a-z0-9]+/).filter((part) => part !== '');
  const ids = DEVICES.map(({ id }) => id);
  const parts = partsOf(word);
  const related = ids.filter((id) => parts.length > 0 && parts.every((part) => id.includes(part)));
  const nearest = new Set(
    related.concat(ids.filter((id) => partsOf(id).every((part) => parts.includes(part)))),
  );
  for (let rest = ids; nearest.size < NEAREST;) {
    const meant = didYouMean(word, rest);
    if (meant === null) break;
    nearest.add(meant);
    rest = rest.filter((id) => id !== meant);
  }
  return [...nearest];
}
