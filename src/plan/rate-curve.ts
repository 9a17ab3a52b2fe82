import type { Stage } from '../scenario/keys/scenario.ts';
import type { Microseconds, Milliseconds } from '../units.ts';

/**
 * The rate over time, λ(t), in straight pieces:
 *
 *     λ │        ┌───────      a stage goes from one rate to another: flat, a ramp up, a ramp down
 *       │      ╱ │
 *       │ ── ╱   │             before the first comes the warm-up, at the rate that the first begins with
 *       └────────┴──────▶ t
 *
 * Λ(t) = ∫λ is the number of requests that are expected by t.
 */
export type RateCurve = { rate: number } | { stages: readonly Stage[]; warmup: Milliseconds };

interface Piece {
  start_us: Microseconds;
  /** s */
  length: number;
  /** Per second. */
  from: number;
  to: number;
  /** Λ at its start and at its end. */
  before: number;
  until: number;
}

/** Λ at the ends of pieces is a sum of products, so it may miss a whole number by some units in the last place. */
const ROUNDING = 1e-12;

/**
 * Λ⁻¹: when so many requests are expected, to be asked with numbers that never fall. Where nothing is expected for a while
 * the answer is the end of that while: a stage owns its beginning and not its end, as the window does. Beyond the curve it
 * is `Infinity`.
 *
 * Within a piece x seconds long, y = from·x + slope·x²/2. Of the two forms of its root
 *
 *     x = 2y / (from + √(from² + 2·slope·y))
 *
 * is the one that loses no digits near slope 0, and at from = 0 is √(2y/slope). At slope 0 it is y/from to the last bit.
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
    // The clamps are for the last bit at the very end of a ramp down to 0.
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

/** How many requests a stage is expected to have: the area below it. */
export function requestsOf(stage: Stage): number {
  return (((stage.from + stage.to) / 2) * stage.for) / 1000;
}
