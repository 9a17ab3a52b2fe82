import type { Report, ReportValues } from '../analysis/report.ts';
import type { Fact } from '../sample.ts';
import { type Metric, metricNamed } from '../metrics/registry.ts';
import type { Gate } from '../slo/grammar.ts';

/** A reason why a run is suspect or invalid. */
export interface Reason {
  rule: string;
  level: 'suspect' | 'invalid';
  /** The observation, one sentence. */
  text: string;
  /** The advice, one sentence. */
  advice: string;
}

/** A rule of the self-audit, and its row in docs/metrics.md. */
export interface ValidityRule {
  name: string;
  /** The quantity that the rule checks, for the docs. */
  what: string;
  /** The condition, for the docs; `null`: the rule has no such level. */
  suspect: string | null;
  invalid: string | null;
  /** Facts without which the rule cannot be checked; `generator`: goodput has to be the load generator. */
  needs?: readonly (Fact | 'generator')[];
  /** @param gates the gates that the run is judged by */
  check(report: Report, values: ReportValues, gates: readonly Gate[]): Reason | null;
}

export type Level = Reason['level'];

export const micros = (value: number): number => Math.round(value * 1000);

/** Returns the level of a figure that is bad above a bound; the bounds themselves are good. */
export function above(value: number | null, suspect: number, invalid: number): Level | null {
  if (value === null || value <= suspect) return null;
  return value > invalid ? 'invalid' : 'suspect';
}

/** Returns the level of a part above 1/`suspect` or 1/`invalid` of the whole. Multiplies, because a quotient is rounded at the bound. */
export const aboveShare = (part: number, whole: number, suspect: number, invalid: number): Level | null =>
  part * invalid > whole ? 'invalid' : part * suspect > whole ? 'suspect' : null;

/** Returns the SLOs and gates, in words, that depend on certain metrics: their own, or those whose limits it needs. */
export function conditionsOn(
  isMeant: (metric: Metric) => boolean,
  { slo }: Pick<Report, 'slo'>,
  gates: readonly Gate[],
): string[] {
  const depends = (name: string): boolean => {
    const metric = metricNamed(name);
    return metric !== undefined && (isMeant(metric) || metric.needsLimits.some(depends));
  };
  const limits = Object.keys(slo?.limits ?? {}).filter(depends);
  const gated = gates.filter(({ metric }) => depends(metric));
  return [...limits.map((name) => `the SLO on ${name}`), ...gated.map(({ text }) => `the gate ${text}`)];
}

/** Returns a sentence, after a space, about the conditions that cannot be judged; nothing if there are none. */
export const unjudged = ([first, ...others]: readonly string[]): string =>
  first === undefined
    ? ''
    : ` ${first[0]!.toUpperCase()}${[first, ...others].join(' and ').slice(1)} cannot be judged.`;
