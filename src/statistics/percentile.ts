/** A percentile as a fraction of whole numbers: p99.9 is 999/1000, because 0.999 is no double. */
export interface Percentile {
  name: string;
  part: bigint;
  whole: bigint;
}

/**
 * Reads `p50`, `p99.9`.
 * @throws {RangeError} where the text is no percentile above 0 and below 100.
 */
export function percentileNamed(name: string): Percentile {
  const [, digits, decimals = ''] = /^p(\d+)(?:\.(\d+))?$/.exec(name) ?? [];
  const whole = 10n ** BigInt(decimals.length + 2);
  const part = digits === undefined ? 0n : BigInt(digits + decimals);
  if (part <= 0n || part >= whole) throw new RangeError(`${name} is no percentile between 0 and 100`);
  return { name, part, whole };
}

/** Nearest rank, 1 … n: max(1, ⌈p·n⌉). `n` ≥ 1. */
export function nearestRank({ part, whole }: Percentile, n: number): number {
  const rank = (part * BigInt(n) + whole - 1n) / whole;
  return Math.max(1, Number(rank));
}

/** Whether at least one of `n` samples is expected above the percentile: n·(1 − p) ≥ 1, which is n ≥ 2 for p50. */
export function enoughFor({ part, whole }: Percentile, n: number): boolean {
  return BigInt(n) * (whole - part) >= whole;
}

/** Whether the largest of `n` independent samples lies above the percentile with 95 %: 1 − pⁿ ≥ 0.95. */
export function certifies({ part, whole }: Percentile, n: number): boolean {
  return n >= Math.ceil(Math.log(0.05) / Math.log(Number(part) / Number(whole)));
}

/** Whether more than 1 − p of the judged requests have no latency because they failed. */
export function hiddenBy({ part, whole }: Percentile, failures: number, judged: number): boolean {
  return BigInt(failures) * whole > (whole - part) * BigInt(judged);
}
