/** A point of the trade-off between what each user gets and what the system does; `null` where it was not measured. */
export interface CurvePoint {
  point: number;
  /** Output tokens per second, all users together. */
  system_tps: number | null;
  /** Output tokens per second of one user, the median. */
  user_tps: number | null;
  goodput_rps: number | null;
}

type Known = CurvePoint & { system_tps: number; user_tps: number };

/** How far the knee must stand out from the straight line, as a share of both ranges; less is no bend. */
const LEAST_BEND = 0.1;

/**
 * Where the curve bends: up to here more load costs users little, beyond it costs much. The point farthest above the straight line
 * from the fastest for users to the fastest of the system, both scaled to 0 … 1 (Satopää et al., "Finding a Kneedle in a
 * Haystack", 2011). Points beyond the fastest of the system are no part of the trade: they cost and bring nothing.
 * @param points in the order of the load
 * @returns the number of the point, `null` for fewer than three or where nothing bends
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

/** The point with the most good requests per second; `null` where no SLO says which those are, or none was good. */
export function goodputMaximum(points: readonly CurvePoint[]): number | null {
  let best: CurvePoint | null = null;
  for (const each of points) if ((each.goodput_rps ?? 0) > (best?.goodput_rps ?? 0)) best = each;
  return best?.point ?? null;
}
