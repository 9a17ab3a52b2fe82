/** A point of the trade-off between what each user gets and what the system does; `null` if it was not measured. */
export interface CurvePoint {
  point: number;
  /** Output tokens per second, all users together. */
  system_tps: number | null;
  /** Output tokens per second of one user, the median. */
  user_tps: number | null;
  goodput_rps: number | null;
}

type Known = CurvePoint & { system_tps: number; user_tps: number };

/** Least distance of the knee from the straight line, as a share of both ranges. */
const LEAST_BEND = 0.1;

/**
 * Returns the number of the point where the curve bends: below it more load costs users little, above it much. It is the point farthest above the straight line
 * from the fastest point for users to the fastest point of the system, both scaled to 0 … 1 (Satopää et al., "Finding a Kneedle in a
 * Haystack", 2011). Points beyond the fastest of the system are ignored: they cost users and gain nothing.
 * @param points in the order of the load
 * @returns the number of the point, `null` for fewer than three points, or if there is no bend
 */
export function knee(points: readonly CurvePoint[]): number | null {
  const known = points.filter((each): each is Known => each.system_tps !== null && each.user_tps !== null);
  const fastest = known.reduce(
    (best, each, at) => (each.system_tps > known[best]!.system_tps ? at : best),
    0,
  );
  const trade = known.slice(0, fastest + 1);
  const [first, last] = [trade[0], trade.at(-1)];
  if (trade.length < 3 || first === undefined || last === undefined) return null;
  const width = last.system_tps - first.system_tps;
  const height = first.user_tps - last.user_tps;
  if (!(width > 0) || !(height > 0)) return null;
  const bend = ({ system_tps, user_tps }: Known): number =>
    (system_tps - first.system_tps) / width + (user_tps - last.user_tps) / height - 1;
  const best = trade.reduce((a, b) => (bend(b) > bend(a) ? b : a));
  return bend(best) >= LEAST_BEND ? best.point : null;
}

/** Returns the number of the point with the most good requests per second; `null` if there is no SLO, or no good request. */
export function goodputMaximum(points: readonly CurvePoint[]): number | null {
  let best: CurvePoint | null = null;
  for (const each of points) if ((each.goodput_rps ?? 0) > (best?.goodput_rps ?? 0)) best = each;
  return best?.point ?? null;
}
