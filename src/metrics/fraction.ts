/**
 * Compares the fraction over/under (both integers, under > 0) with a limit; returns a negative number, 0 or a positive number. Exact: a
 * limit has at most six decimals (durations are parsed to whole nanoseconds), and its rounding error must not decide whether 100 ms in
 * steps of 0.1 ms is met.
 */
export function compareToLimit(over: number, under: number, limit: number): number {
  const millionths = Math.round(limit * 1e6);
  const left = over * 1e6;
  const right = millionths * under;
  // Rounding changes either product by less than 1e-15 of itself: only a near tie needs integer arithmetic.
  if (Math.abs(left - right) > 1e-9 * Math.abs(left)) return left - right;
  const difference = BigInt(over) * 1_000_000n - BigInt(millionths) * BigInt(under);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}
