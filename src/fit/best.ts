import type { FitDocument, FitRow } from './fit-document.ts';
import { requestRate } from './cost-at-capacity.ts';

/** Returns what decides between the machines: the strongest of the criteria for which a machine has a figure. */
export function bestBy(rows: readonly FitRow[], hasSlo: boolean): FitDocument['best_by'] {
  const criteria = hasSlo
    ? (['per_good_request', 'capacity_per_device'] as const)
    : (['price_per_hour'] as const);
  return criteria.find((by) => rows.some((row) => figureOf(row, by) !== null)) ?? null;
}

/** Marks the best machine. */
export function markBest(rows: readonly FitRow[], by: FitDocument['best_by']): void {
  let best: FitRow | null = null;
  for (const row of rows) {
    const [figure, lowest] = [figureOf(row, by), best === null ? null : figureOf(best, by)];
    if (figure !== null && (lowest === null || figure < lowest)) best = row;
  }
  if (best !== null) best.best = true;
}

/** Returns the figure that is lowest for the best machine; `null` for a machine that does not take part. */
function figureOf(row: FitRow, by: FitDocument['best_by']): number | null {
  if (by === null || !row.fits) return null;
  if (by !== 'capacity_per_device') return row[by];
  const rate = row.capacity === null ? null : requestRate(row.capacity);
  return rate === null || rate === 0 ? null : -rate / row.count;
}
