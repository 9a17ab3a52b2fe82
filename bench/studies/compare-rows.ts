import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FigureVerdict } from '../../src/compare/figure-verdict.ts';

/** Results of the parts of the comparison study, one line of JSON each. */

/** Loads as shares of the server's saturation. */
export const LOADS: readonly number[] = [0.3, 0.6, 0.8, 0.9];

/** Lengths of single runs in requests; those of 1,000 are the base runs of the families. */
export const LENGTHS: readonly number[] = [300, 1000, 3000];

/** Figures that decide by default. */
export const DECIDING = ['attainment', 'ttft mean', 'tpot mean', 'ttft p95'] as const;

export type Deciding = (typeof DECIDING)[number];

export interface Row {
  number: number;
}

/** Results of a long run by figure, in seconds or per second. */
export interface TruthRow extends Row {
  figures: Record<string, number>;
}

/** A deciding figure: its own two-sided p-value, and its interval at Holm's level in percent of the base. */
export interface DecidingFigure {
  p: number;
  low_pct: number | null;
  high_pct: number | null;
  verdict: FigureVerdict;
}

/** Result of a comparison. */
export interface Outcome {
  status: FigureVerdict | 'invalid';
  figures: Partial<Record<Deciding, DecidingFigure>>;
}

/**
 * Two-sided p-values of two single runs with independent plans, whatever their length; `null` if there is nothing to
 * judge.
 */
export type PairValues = Record<Deciding, number | null>;

export interface FamilyRow extends Row {
  equals: Outcome;
  drifting: Outcome;
  slower: Outcome;
  /** Results of the base runs. */
  singles: Single[];
  /** Each base run against a run with another plan. */
  pairs: { equals: PairValues; slower: PairValues }[];
}

/** Intervals of one run by figure, `null` for an open end, even if the run is too short to show them. */
export interface Single {
  /** Effective requests in flight, on which the gate depends. */
  effective: number;
  intervals: Record<string, readonly [low: number | null, high: number | null]>;
}

export interface SingleRow extends Row {
  single: Single;
}

export interface PairRow extends Row {
  equals: Outcome;
  drifting: Outcome;
  slower: Outcome;
}

export const FOLDER = join('.cache', 'studies', 'compare');

export const truthFile = (load: number): string => join(FOLDER, `truth-${load}.jsonl`);
export const familiesFile = (load: number): string => join(FOLDER, `families-${load}.jsonl`);
export const singlesFile = (load: number, requests: number): string =>
  join(FOLDER, `singles-${load}-${requests}.jsonl`);
export const pairsFile = (): string => join(FOLDER, 'pairs.jsonl');

export const rowsIn = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T)
    : [];

/** Returns all intervals of single runs of this length. */
export const singlesOf = (load: number, requests: number): Single[] =>
  requests === 1000
    ? rowsIn<FamilyRow>(familiesFile(load)).flatMap(({ singles }) => singles)
    : rowsIn<SingleRow>(singlesFile(load, requests)).map(({ single }) => single);

/** Number of long runs that give the true values. */
export const TRUTH_RUNS = 4;

/**
 * Returns the true values of a load: means over its long runs.
 * @throws if some of them are missing
 */
export function truthOf(load: number): Record<string, number> {
  const rows = rowsIn<TruthRow>(truthFile(load));
  if (rows.length < TRUTH_RUNS)
    throw new Error(
      `${truthFile(load)} holds ${rows.length} of ${TRUTH_RUNS} long runs: --part truth comes first`,
    );
  const names = Object.keys(rows[0]!.figures);
  return Object.fromEntries(
    names.map((name) => [name, rows.reduce((sum, { figures }) => sum + figures[name]!, 0) / rows.length]),
  );
}
