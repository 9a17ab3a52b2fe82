/**
 * Compares the fraction over/under (both integers, under > 0) with a limit: negative, 0 or positive. Exact: a limit has
 * at most six decimals (durations are parsed to whole nanoseconds), and its floating-point residue must not decide
 * whether 100 ms in 0.1 ms steps has been met.
 */
export function compareToLimit(over: number, under: number, limit: number): number {
  const millionths = Math.round(limit * 1e6);
  const left = over * 1e6;
  const right = millionths * under;
  // Rounding moves either product by less than 1e-15 of itself: only a near tie needs whole-number arithmetic.
  if (Math.abs(left - right) > 1e-9 * Math.abs(left)) return left - right;
  const difference = BigInt(over) * 1_000_000n - BigInt(millionths) * BigInt(under);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}
