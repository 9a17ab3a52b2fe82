import type { Report, ReportValues } from '../analysis/report.ts';
import type { Gate } from '../slo/grammar.ts';

/** Why a run is not to be trusted, or not wholly. */
export interface Reason {
  rule: string;
  level: 'suspect' | 'invalid';
  /** What was seen, one sentence. */
  text: string;
  /** What to do about it, one sentence. */
  advice: string;
}

/** One line of the validity table of metrics.md. */
export interface ValidityRule {
  name: string;
  what: string;
  /** In words, for the docs; `null`: this rule knows no such level. */
  suspect: string | null;
  invalid: string | null;
  /** @param gates that the run is judged by */
  check(report: Report, values: ReportValues, gates: readonly Gate[]): Reason | null;
}

export type Level = Reason['level'];

/** Sentences are read, not computed with: four digits, and seconds where milliseconds grow long. */
export const ms = (value: number): string =>
  value >= 1000 ? `${Number((value / 1000).toPrecision(4))} s` : `${Number(value.toPrecision(4))} ms`;
export const micros = (value: number): number => Math.round(value * 1000);

/** The level of a figure that is bad when it passes a bound; the bounds themselves are still good. */
export function above(value: number | null, suspect: number, invalid: number): Level | null {
  if (value === null || value <= suspect) return null;
  return value > invalid ? 'invalid' : 'suspect';
}

/** `part` above 1/`suspect` or 1/`invalid` of `whole`, by multiplication: a quotient would round at the bound. */
export const aboveShare = (part: number, whole: number, suspect: number, invalid: number): Level | null =>
  part * invalid > whole ? 'invalid' : part * suspect > whole ? 'suspect' : null;
