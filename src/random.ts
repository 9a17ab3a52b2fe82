/**
 * Seeded random numbers. Uses only + − × ÷ and √ of IEEE doubles (with its own logarithm and exponential), because `Math.log` and similar
 * functions may differ in the last bit between engines, and one seed must give one plan everywhere.
 */

export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /** Standard normal. */
  normal(): number;
  /** Gamma with this shape and scale 1: mean and variance are both `shape`. */
  gamma(shape: number): number;
}

/** FNV-1a over UTF-16 units, 32 bits: converts the purpose of a stream to a part of its seed. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Doty-Humphrey's sfc32 (PractRand): 128 bits of state, 32 bits per call. */
function sfc32(a: number, b: number, c: number, counter: number): () => number {
  return () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
}

/** ln 2 = LN2_HIGH + LN2_LOW. The high part has 32 bits, so its multiples up to 2²¹ are exact. */
const LN2_HIGH = 2977044472 / 2 ** 32;
const LN2_LOW = -4.2009150726810846e-11;

/** Natural logarithm: x = m·2^e with m in [√½, √2), ln m = 2·artanh((m−1)/(m+1)) as its series. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let m = x;
  let e = 0;
  while (m >= Math.SQRT2) {
    m /= 2;
    e++;
  }
  while (m < Math.SQRT1_2) {
    m *= 2;
    e--;
  }
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let sum = 0;
  // |s| ≤ 0.1716, so s^26 < 2^-65: 13 terms reach a double's precision.
  for (let k = 25; k >= 1; k -= 2) sum = sum * s2 + 1 / k;
  return e * LN2_HIGH + (e * LN2_LOW + 2 * s * sum);
}

/** Exponential: x = k·ln 2 + r, e^r as its series, |r| ≤ ln 2 / 2. */
export function exp(x: number): number {
  // Beyond these limits the result is out of a double's range, and k would be too large for the loop.
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 18; n >= 1; n--) sum = 1 + (sum * r) / n;
  const step = k < 0 ? 0.5 : 2;
  for (let i = Math.abs(k); i > 0; i--) sum *= step;
  return sum;
}

/**
 * Returns the random stream of one purpose. Streams of one seed with different purposes or indices are independent, so that the prompt of
 * request 7 does not depend on the numbers drawn for requests 0 … 6.
 */
export function randomStream(seed: number, purpose: string, index = 0): Random {
  const next = sfc32(hash(purpose), seed >>> 0, Math.floor(seed / 0x1_0000_0000) >>> 0, (index + 1) | 0);
  // 15 rounds mix the seed words into the whole state.
  for (let i = 0; i < 15; i++) next();
  const uniform = (): number => ((next() >>> 5) * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992;
  const normal = normals(uniform);
  return {
    uniform,
    below: (n) => Math.floor(uniform() * n),
    exponential: () => -ln(1 - uniform()),
    normal,
    gamma(shape) {
      if (shape >= 1) return gamma(shape, uniform, normal);
      // G(k) = G(k + 1)·U^(1/k) (Marsaglia and Tsang 2000, section 6). 1 − U is never 0, so no gap is lost to ln 0.
      const boost = ln(1 - uniform()) / shape;
      return gamma(shape + 1, uniform, normal) * exp(boost);
    },
  };
}

/** Marsaglia's polar method, without sine and cosine. It generates two values at a time and keeps one. */
function normals(uniform: () => number): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const factor = Math.sqrt((-2 * ln(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  };
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), for shapes of at least 1: it accepts at least 95%. */
function gamma(shape: number, uniform: () => number, normal: () => number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const cubed = 1 + c * x;
    const v = cubed * cubed * cubed;
    if (v > 0 && ln(1 - uniform()) < 0.5 * x * x + d * (1 - v + ln(v))) return d * v;
  }
}
