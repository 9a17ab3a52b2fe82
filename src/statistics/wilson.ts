/** Two-sided 95 % of the standard normal. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval at 95 % for a share of independent trials (Wilson 1927); `null` where there was no trial.
 * At 90 % load requests are far from independent, so whoever shows it must label it.
 */
export function wilson(successes: number, trials: number): { low: number; high: number } | null {
  if (trials === 0) return null;
  const share = successes / trials;
  const z2 = Z * Z;
  const scale = 1 + z2 / trials;
  const centre = (share + z2 / (2 * trials)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials));
  // Exact at both ends, where rounding would leave 1e-17 and 0.9999999999999999.
  return {
    low: successes === 0 ? 0 : centre - half,
    high: successes === trials ? 1 : centre + half,
  };
}
