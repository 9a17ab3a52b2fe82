/** A straight line fitted to a series of batch figures, with the noise around it. */
export interface Trend {
  firstHalf: number;
  secondHalf: number;
  /** The standard deviation of the batches within a half, the larger of the two. */
  spread: number;
  /** The rise of the line from the first batch to the last. */
  rise: number;
  /** The slope in its own standard errors, corrected for the correlation of neighbours. */
  significance: number;
}

/** The largest lag-1 correlation that is assumed: that of 20 residuals is not known well. */
const MAX_CORRELATION = 0.8;

/**
 * Fits a line by least squares to at least 4 equally spaced batches. The variance of the slope is widened by (1 + φ)/(1 − φ), φ being the
 * lag-1 correlation of the residuals, because queueing makes neighbouring batches similar.
 */
export function trendOf(series: readonly number[]): Trend {
  const n = series.length;
  const centre = (n - 1) / 2;
  const mean = average(series);
  let products = 0;
  let squares = 0;
  for (let k = 0; k < n; k++) {
    products += (k - centre) * (series[k]! - mean);
    squares += (k - centre) * (k - centre);
  }
  const slope = products / squares;
  const residuals = series.map((value, k) => value - mean - slope * (k - centre));
  let sum = 0;
  let neighbours = 0;
  for (let k = 0; k < n; k++) {
    sum += residuals[k]! * residuals[k]!;
    if (k > 0) neighbours += residuals[k]! * residuals[k - 1]!;
  }
  const correlation = sum === 0 ? 0 : Math.min(MAX_CORRELATION, Math.max(0, neighbours / sum));
  const variance = (sum / (n - 2) / squares) * ((1 + correlation) / (1 - correlation));
  const first = series.slice(0, Math.floor(n / 2));
  const second = series.slice(Math.ceil(n / 2));
  return {
    firstHalf: average(first),
    secondHalf: average(second),
    spread: Math.max(deviation(first), deviation(second)),
    rise: slope * (n - 1),
    significance: slope === 0 ? 0 : slope / Math.sqrt(variance),
  };
}

const average = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;

function deviation(values: readonly number[]): number {
  const mean = average(values);
  return Math.sqrt(average(values.map((value) => (value - mean) * (value - mean))));
}
