import { meanOf } from './moments.ts';

/**
 * Returns the autocovariances of a series at lags 0 … n − 1, each sum divided by n (the biased form, which keeps the sequence positive
 * definite): the inverse Fourier transform of the periodogram of the series, padded with zeros so that its ends do not overlap.
 */
export function autocovariances(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const mean = meanOf(values);
  let size = 1;
  while (size < 2 * n) size *= 2;
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let k = 0; k < n; k++) re[k] = values[k]! - mean;
  fourier(re, im);
  for (let k = 0; k < size; k++) {
    re[k] = re[k]! * re[k]! + im[k]! * im[k]!;
    im[k] = 0;
  }
  // A periodogram is even, so the forward transform equals the inverse one.
  fourier(re, im);
  return re.subarray(0, n).map((sum) => sum / size / n);
}

/** Computes a Fourier transform in place by radix 2 (Cooley and Tukey 1965); the length is a power of two. */
function fourier(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  for (let k = 0, reversed = 0; k < size; k++) {
    if (k < reversed) {
      [re[k], re[reversed]] = [re[reversed]!, re[k]!];
      [im[k], im[reversed]] = [im[reversed]!, im[k]!];
    }
    let bit = size >> 1;
    for (; bit > 0 && (reversed & bit) !== 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
  const cos = new Float64Array(size / 2);
  const sin = new Float64Array(size / 2);
  for (let k = 0; k < size / 2; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / size);
    sin[k] = -Math.sin((2 * Math.PI * k) / size);
  }
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const c = cos[k * stride]!;
        const s = sin[k * stride]!;
        const x = re[b]! * c - im[b]! * s;
        const y = re[b]! * s + im[b]! * c;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a] = re[a]! + x;
        im[a] = im[a]! + y;
      }
    }
  }
}
