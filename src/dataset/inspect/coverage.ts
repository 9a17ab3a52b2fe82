/** How evenly sessions are spread over source, language and length. */
export interface Coverage {
  /** Cells that are not empty. */
  cells: number;
  entropy_bits: number | null;
  /** The share of the largest cell. */
  largest_share: number | null;
}

/** @param counts the sessions of each cell; cells without sessions are ignored */
export function coverageOf(counts: Iterable<number>): Coverage {
  const cells = [...counts].filter((count) => count > 0);
  const total = cells.reduce((sum, count) => sum + count, 0);
  if (total === 0) return { cells: 0, entropy_bits: null, largest_share: null };
  const entropy = cells.reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0);
  return {
    cells: cells.length,
    // `-0` for one cell.
    entropy_bits: entropy + 0,
    largest_share: cells.reduce((most, count) => Math.max(most, count), 0) / total,
  };
}
