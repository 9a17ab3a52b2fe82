export interface SearchOptions {
  /** The first value tried. */
  from: number;
  /** The highest value tried. */
  most: number;
  /** The factor between the bounds at which the search ends, like 1.1. */
  within: number;
  /** Returns true if no further measurement may begin. */
  isOver: () => boolean;
}

/** The number of attempts before a value counts as failed, so that a short stall of the machine does not set the limit. */
const ATTEMPTS = 2;

/**
 * Returns the highest value that holds, by doubling and then bisecting (by the geometric mean, because values are rates). A value that
 * holds implies that lower ones do. `null` if no value holds.
 */
export async function highest(
  holds: (value: number) => Promise<boolean>,
  { from, most, within, isOver }: SearchOptions,
): Promise<number | null> {
  const tried = async (value: number): Promise<boolean> => {
    for (let k = 0; k < ATTEMPTS && !isOver(); k++) if (await holds(value)) return true;
    return false;
  };
  let low: number | null = null;
  let high: number | null = null;
  for (let value = Math.min(from, most); !isOver(); value = Math.min(value * 2, most)) {
    if (await tried(value)) low = value;
    else high = value;
    if (high !== null || low === most) break;
  }
  // The first value failed: search below it.
  while (low === null && high !== null && high >= 2 && !isOver()) {
    const value = Math.floor(high / 2);
    if (await tried(value)) low = value;
    else high = value;
  }
  while (low !== null && high !== null && high / low > within && !isOver()) {
    const value = Math.round(Math.sqrt(low * high));
    if (value <= low || value >= high) break;
    if (await tried(value)) low = value;
    else high = value;
  }
  return low;
}
