/** The two-sided 95% quantile of the standard normal. */
const Z = 1.959963984540054;

/**
 * Returns Wilson's score interval at 95% for a share of independent trials (Wilson 1927); `null` without trials. At 90% load requests are
 * far from independent, so it must be labelled where it is shown.
 */
export function wilson(successes: number, trials: number): { low: number; high: number } | null {
  if (trials === 0) return null;
  const share = successes / trials;
  const z2 = Z * Z;
  const scale = 1 + z2 / trials;
  const centre = (share + z2 / (2 * trials)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials));
  // Exact at 0 and 1, which rounding would change by 1e-17.
  return {
    low: successes === 0 ? 0 : centre - half,
    high: successes === trials ? 1 : centre + half,
  };
}
