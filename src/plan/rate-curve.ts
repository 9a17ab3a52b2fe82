import type { Stage } from '../scenario/keys/scenario.ts';
import type { Microseconds, Milliseconds } from '../units.ts';

/**
 * The rate over time, λ(t), piecewise linear:
 *
 *     λ │        ┌───────      a stage goes from one rate to another: constant, a ramp up, or a ramp down
 *       │      ╱ │
 *       │ ── ╱   │             the warm-up precedes the first stage, at the rate with which that stage begins
 *       └────────┴──────▶ t
 *
 * Λ(t) = ∫λ is the expected number of requests until t.
 */
export type RateCurve = { rate: number } | { stages: readonly Stage[]; warmup: Milliseconds };

interface Piece {
  start_us: Microseconds;
  /** s */
  length: number;
  /** Per second. */
  from: number;
  to: number;
  /** Λ at the start and at the end of the piece. */
  before: number;
  until: number;
}

/** Λ at the ends of pieces is a sum of products, so it may differ from a whole number in the last digits. */
const ROUNDING = 1e-12;

/**
 * Returns Λ⁻¹: the instant until which a number of requests is expected. Call it with numbers that do not decrease. For an interval
 * without expected requests the result is its end: a stage includes its start and not its end, as the window does. Beyond the curve
 * the result is `Infinity`.
 *
 * Within a piece, y = from·x + slope·x²/2 after x seconds. Of the two forms of the root, this one
 *
 *     x = 2y / (from + √(from² + 2·slope·y))
 *
 * is the one that is exact near slope 0; at from = 0 it is √(2y/slope), and at slope 0 it is y/from to the last bit.
 */
export function instantsOf(curve: RateCurve): (expected: number) => Microseconds {
  const pieces = piecesOf(curve);
  let at = 0;
  return (expected) => {
    const reached = expected + ROUNDING * Math.max(1, expected);
    while (at < pieces.length && reached >= pieces[at]!.until) at++;
    const piece = pieces[at];
    if (piece === undefined) return Infinity;
    const { start_us, length, from, to, before } = piece;
    const y = expected - before;
    if (y <= 0) return start_us;
    const slope = (to - from) / length;
    // The clamps correct the last bit at the end of a ramp down to 0.
    const root = Math.sqrt(Math.max(0, from * from + 2 * slope * y));
    return start_us + Math.min((2 * y * 1e6) / (from + root), length * 1e6);
  };
}

function piecesOf(curve: RateCurve): Piece[] {
  if ('rate' in curve) {
    const { rate } = curve;
    return [{ start_us: 0, length: Infinity, from: rate, to: rate, before: 0, until: Infinity }];
  }
  const { stages, warmup } = curve;
  const first = stages[0]!.from;
  const pieces: Piece[] = [];
  let start = 0;
  let before = 0;
  for (const stage of [{ from: first, to: first, for: warmup }, ...stages]) {
    const until = before + requestsOf(stage);
    pieces.push({ ...stage, start_us: Math.round(start * 1000), length: stage.for / 1000, before, until });
    start += stage.for;
    before = until;
  }
  return pieces;
}

/** Returns the expected number of requests of a stage: the area below it. */
export function requestsOf(stage: Stage): number {
  return (((stage.from + stage.to) / 2) * stage.for) / 1000;
}
