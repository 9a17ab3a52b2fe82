export interface SearchOptions {
  /** The first value tried. */
  from: number;
  /** Beyond this nothing is tried. */
  most: number;
  /** Stop when the answer is known within this factor, like 1.1. */
  within: number;
  /** No further measurement is to begin. */
  over: () => boolean;
}

/** How often a value may fail before it counts as failed: a machine that stalls must not set the ceiling. */
const ATTEMPTS = 2;

/**
 * The highest value that holds, by doubling and then bisecting (by the geometric mean, since it is a rate): what holds at a
 * value is taken to hold below it. `null` where nothing held.
 */
export async function highest(
  holds: (value: number) => Promise<boolean>,
  { from, most, within, over }: SearchOptions,
): Promise<number | null> {
  const tried = async (value: number): Promise<boolean> => {
    for (let k = 0; k < ATTEMPTS && !over(); k++) if (await holds(value)) return true;
    return false;
  };
  let low: number | null = null;
  let high: number | null = null;
  for (let value = Math.min(from, most); !over(); value = Math.min(value * 2, most)) {
    if (await tried(value)) low = value;
    else high = value;
    if (high !== null || low === most) break;
  }
  // Not even the first: look below it.
  while (low === null && high !== null && high >= 2 && !over()) {
    const value = Math.floor(high / 2);
    if (await tried(value)) low = value;
    else high = value;
  }
  while (low !== null && high !== null && high / low > within && !over()) {
    const value = Math.round(Math.sqrt(low * high));
    if (value <= low || value >= high) break;
    if (await tried(value)) low = value;
    else high = value;
  }
  return low;
}
