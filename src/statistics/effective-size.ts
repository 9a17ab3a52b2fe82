import { autocovariances } from './autocovariance.ts';
import { meanOf, varianceOf } from './moments.ts';

/** A longer series is averaged into at most this many points first, which does not change the variance of its mean. */
const MOST_POINTS = 65_536;

/** The fewest values that show the correlation of neighbours. */
const FEWEST = 20;

/**
 * Returns n_eff, the number of independent values whose mean is as precise as that of a series in the order of the plan: sample variance
 * ÷ the largest of three estimates of the variance of the mean, within 1 … n. Each of the estimates is too small for some series. For a
 * constant series it is n.
 */
export function effectiveSize(values: ArrayLike<number>): number {
  const n = values.length;
  const variance = varianceOf(values);
  if (n < FEWEST || variance === 0) return n;
  const points = thinned(values);
  const worst = Math.max(...Object.values(variancesOfMean(points)));
  return Math.min(n, Math.max(1, variance / worst));
}

/** Returns three estimates of the variance of the mean of a series, none below 0. */
export function variancesOfMean(values: ArrayLike<number>): {
  overlapping: number;
  geyer: number;
  autoregressive: number;
} {
  const n = values.length;
  const covariances = autocovariances(values);
  return {
    overlapping: overlappingBatches(values, Math.max(1, Math.floor(n / 10))),
    geyer: initialMonotone(covariances) / n,
    autoregressive: autoregression(covariances, Math.floor(10 * Math.log10(n))) / n,
  };
}

function thinned(values: ArrayLike<number>): ArrayLike<number> {
  const n = values.length;
  if (n <= MOST_POINTS) return values;
  const size = Math.ceil(n / MOST_POINTS);
  const points = new Float64Array(Math.floor(n / size));
  for (let k = 0; k < points.length; k++) {
    let sum = 0;
    for (let j = k * size; j < (k + 1) * size; j++) sum += values[j]!;
    points[k] = sum / size;
  }
  return points;
}

/** Estimates by overlapping batch means (Meketon and Schmeiser 1984): the mean of every window compared with the mean of all. */
function overlappingBatches(values: ArrayLike<number>, window: number): number {
  const n = values.length;
  const mean = meanOf(values);
  let sum = 0;
  let squares = 0;
  for (let k = 0; k < n; k++) {
    sum += values[k]! - mean;
    if (k >= window) sum -= values[k - window]! - mean;
    if (k >= window - 1) squares += (sum / window) ** 2;
  }
  return ((window / (n - window)) * squares) / (n - window + 1);
}

/** Returns n times the variance by Geyer's initial monotone sequence (1992): pairs of covariances while they are positive, made monotone. */
function initialMonotone(covariances: Float64Array): number {
  let total = -covariances[0]!;
  let last = Infinity;
  for (let k = 0; k + 1 < covariances.length; k += 2) {
    const pair = Math.min(last, covariances[k]! + covariances[k + 1]!);
    if (pair <= 0) break;
    total += 2 * pair;
    last = pair;
  }
  return Math.max(0, total);
}

/**
 * Returns n times the variance by the spectrum at frequency 0 of the autoregression that fits best by AIC: σ²/(1 − Σφ)². The Yule–Walker
 * equations are solved by the Levinson–Durbin recursion.
 */
function autoregression(covariances: Float64Array, maxOrder: number): number {
  const n = covariances.length;
  let error = covariances[0]!;
  let coefficients: number[] = [];
  let best = { aic: n * Math.log(error), error, coefficients, order: 0 };
  for (let order = 1; order <= Math.min(maxOrder, n - 2); order++) {
    let rest = covariances[order]!;
    for (let k = 0; k < order - 1; k++) rest -= coefficients[k]! * covariances[order - 1 - k]!;
    const reflection = rest / error;
    coefficients = [...coefficients.map((c, k) => c - reflection * coefficients[order - 2 - k]!), reflection];
    error *= 1 - reflection * reflection;
    if (!(error > 0)) break;
    const aic = n * Math.log(error) + 2 * order;
    if (aic < best.aic) best = { aic, error, coefficients, order };
  }
  const gain = 1 - best.coefficients.reduce((sum, c) => sum + c, 0);
  return (best.error * n) / (n - best.order - 1) / (gain * gain);
}
