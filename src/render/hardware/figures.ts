import type { Accelerator, Figure } from '../../machine/accelerators.ts';

/** Sources of figures, numbered in the order of their first use. */
export class SourceNumbers {
  readonly #keys: string[] = [];

  /** Returns the number of the source of a figure; `null` if it is unverified. */
  numberOf({ source }: Figure): number | null {
    if (source === undefined) return null;
    const at = this.#keys.indexOf(source);
    return at === -1 ? this.#keys.push(source) : at + 1;
  }

  /** The keys, in the order of their numbers. */
  get keys(): readonly string[] {
    return this.#keys;
  }
}

/** Returns the value of a figure, marked if it is unverified: `989.4`, `600?`. */
export const figureText = (figure: Figure | null, none: string): string =>
  figure === null ? none : `${figure.value}${figure.unverified === true ? '?' : ''}`;

/** The meaning of the mark. */
export const UNVERIFIED_MARK = '? unverified: no source confirms the figure, or sources disagree';

/** Returns every figure of a device that has a value. */
export function figuresOfDevice(device: Accelerator): Figure[] {
  const { memory_gb, memory_mib_reported, bandwidth_gbps, peak_tflops, tdp_w, interconnect_gbps } = device;
  return [
    memory_gb,
    memory_mib_reported ?? null,
    bandwidth_gbps,
    ...Object.values(peak_tflops),
    tdp_w,
    interconnect_gbps,
  ].filter((figure) => figure !== null);
}
