import { compare } from '../compare/comparison.ts';
import type { ComparedRuns } from '../compare/ranking.ts';
import { readRounds } from '../record/rounds-json.ts';
import type { Comparing } from '../scenario/keys/comparing-keys.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { compareRounds, readRuns, recordedComparing, settingsFrom } from './compare-rounds.ts';

/** How to compare recorded runs. */
export interface ComparingOptions {
  /** A `null` value takes the value that the rounds were measured with, else the default. */
  comparing: Comparing;
  /** SLOs to judge all runs by; `null`: those that the runs declare. */
  slos: readonly RequestSlo[] | null;
  /** Treats suspect runs as invalid. */
  strict: boolean;
}

/**
 * Compares recorded runs, one or several on each side.
 * @throws {GoodputError} kind `usage` if a run cannot be read or the runs cannot be compared
 */
export async function compareSides(
  sides: { base: readonly string[]; new: readonly string[] },
  { comparing, slos, strict }: ComparingOptions,
): Promise<ComparedRuns> {
  const { runs, warnings } = await readRuns([...sides.base, ...sides.new], slos);
  const [base, next] = [runs.slice(0, sides.base.length), runs.slice(sides.base.length)];
  const compared = compare({ base, new: next }, settingsFrom(comparing, { strict }));
  compared.warnings.unshift(...warnings);
  return { compared, sides: [base, next] };
}

/**
 * Compares the endpoints of a folder of rounds.
 * @returns `null` if the folder is not a folder of rounds
 * @throws {GoodputError} kind `usage` if the rounds cannot be compared
 */
export async function compareRecordedRounds(
  dir: string,
  { comparing, slos, strict }: ComparingOptions,
): Promise<ComparedRuns | null> {
  const record = await readRounds(dir);
  if (record === null) return null;
  const recorded = await recordedComparing(dir, record);
  const effective: Comparing = {
    tolerance: comparing.tolerance ?? recorded.tolerance,
    failOn: comparing.failOn ?? recorded.failOn,
    decide: comparing.decide ?? recorded.decide,
  };
  return compareRounds(dir, record, effective, { strict, slos });
}
