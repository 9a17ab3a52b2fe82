import { type ComparedDocument, toComparisonDocument } from '../compare/written-comparison.ts';
import { GoodputError } from '../errors.ts';
import { compareRecordedRounds, compareSides, type ComparingOptions } from '../multi-run/compare-recorded.ts';
import { parseComparing } from '../scenario/comparing.ts';
import { parseConditions } from '../score/conditions.ts';
import { listOf, OPTION_NAMES } from './score.ts';

/** How to compare recorded runs. */
export interface CompareOptions {
  /** A difference below this share of the base counts as the same: `5%` or 0.05. */
  tolerance?: string | number | undefined;
  /** The verdict that fails: exit code 99 in `verdict.exitCode`. */
  failOn?: 'worse' | 'inconclusive' | 'never' | undefined;
  /** The figures that decide, at most four: `ttft p95`. */
  decide?: string | readonly string[] | undefined;
  /** Limits to judge all runs by: `ttft<=200ms`. */
  slo?: string | readonly string[] | undefined;
  sloPreset?: string | undefined;
  /** Treats a suspect run as invalid. */
  strict?: boolean | undefined;
}

/** Recorded runs to compare: one folder or several on each side, or the folder that `measureRounds` wrote. */
export type ComparedFolders =
  | { base: string | readonly string[]; new: string | readonly string[] }
  | { rounds: string };

/**
 * Compares recorded runs, like `goodput compare`: for each figure, whether the new side is better, worse or the same, with its interval.
 * Values in the document have the unit given next to them.
 * @returns the comparison of two sides, or the ranking of more than two endpoints
 * @throws {GoodputError} kind `usage` if a run cannot be read, the runs cannot be compared, or an option is wrong
 */
export async function compare(
  folders: ComparedFolders,
  options: CompareOptions = {},
): Promise<ComparedDocument> {
  const { slo, sloPreset, strict = false } = options;
  const settings: ComparingOptions = {
    comparing: parseComparing(options, {
      tolerance: 'options.tolerance',
      failOn: 'options.failOn',
      decide: 'options.decide',
    }),
    slos: parseConditions({ slo: listOf(slo), sloPreset }, OPTION_NAMES).slo ?? null,
    strict,
  };
  if (!('rounds' in folders))
    return toComparisonDocument(
      (await compareSides({ base: listOf(folders.base), new: listOf(folders.new) }, settings)).compared,
    );
  const found = await compareRecordedRounds(folders.rounds, settings);
  if (found !== null) return toComparisonDocument(found.compared);
  throw new GoodputError('usage', `${folders.rounds} is not a folder of rounds`);
}
