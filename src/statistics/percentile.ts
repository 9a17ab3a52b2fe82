/** A percentile as a fraction of whole numbers: p99.9 is 999/1000, because 0.999 is not exact as a double. */
export interface Percentile {
  name: string;
  part: bigint;
  whole: bigint;
}

/**
 * Reads `p50`, `p99.9`.
 * @throws {RangeError} if the text is not a percentile above 0 and below 100
 */
export function percentileNamed(name: string): Percentile {
  const [, digits, decimals = ''] = /^p(\d+)(?:\.(\d+))?$/.exec(name) ?? [];
  const whole = 10n ** BigInt(decimals.length + 2);
  const part = digits === undefined ? 0n : BigInt(digits + decimals);
  if (part <= 0n || part >= whole) throw new RangeError(`${name} is not a percentile between 0 and 100`);
  return { name, part, whole };
}

/** Returns the nearest rank, 1 … n: max(1, ⌈p·n⌉), for n ≥ 1. */
export function nearestRank({ part, whole }: Percentile, n: number): number {
  const rank = (part * BigInt(n) + whole - 1n) / whole;
  return Math.max(1, Number(rank));
}

/** Returns true if at least one of `n` samples is expected above the percentile: n·(1 − p) ≥ 1, which is n ≥ 2 for p50. */
export function enoughFor({ part, whole }: Percentile, n: number): boolean {
  return BigInt(n) * (whole - part) >= whole;
}

/** Returns true if the largest of `n` independent samples is above the percentile with a probability of 95%: 1 − pⁿ ≥ 0.95. */
export function certifies({ part, whole }: Percentile, n: number): boolean {
  return n >= Math.ceil(Math.log(0.05) / Math.log(Number(part) / Number(whole)));
}

/** Returns true if more than 1 − p of the judged requests have no latency because they failed. */
export function hiddenBy({ part, whole }: Percentile, failures: number, judged: number): boolean {
  return BigInt(failures) * whole > (whole - part) * BigInt(judged);
}
