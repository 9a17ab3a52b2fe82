import type { HealthFigures, Report, ReportValues } from '../analysis/report.ts';
import type { SteadyFigures } from '../analysis/steady-figures.ts';
import type { Gate } from '../slo/grammar.ts';
import type { Fact, TokenSource } from '../sample.ts';
import { type Finding, findingsOf } from './findings.ts';
import type { Reason } from './rule.ts';
import { VALIDITY_RULES } from './rules.ts';

/** The self-audit of a measurement. */
export interface Audit
  extends HealthFigures, Pick<Report['health'], 'local_limits' | 'keep_alive_races' | 'deliveries'> {
  status: 'valid' | 'suspect' | 'invalid';
  /** The reasons why it is not valid, the most serious first. */
  reasons: Reason[];
  /** Names of the rules that could not be checked; only of an imported run. */
  not_checked?: string[];
  findings: Finding[];
  /** Rates sent ÷ offered; open loop. */
  sent_share: number | null;
  little: number | null;
  /** Source of the output token counts → its share of the requests. */
  token_share: Partial<Record<TokenSource, number>>;
  steady: SteadyFigures | null;
}

/** Checks a run by every rule of docs/metrics.md, "Validity of a run", from the facts of its report. */
export function audit(report: Report, values: ReportValues, gates: readonly Gate[] = []): Audit {
  // A run that the endpoint ended measured nothing, so the figures of goodput do not matter.
  const rules =
    report.run.stopped_by === 'endpoint'
      ? VALIDITY_RULES.filter(({ name }) => name === 'successes')
      : VALIDITY_RULES;
  const notChecked = uncheckedRules(report);
  const reasons = rules
    .filter(({ name }) => !notChecked.includes(name))
    .map((rule) => rule.check(report, values, gates))
    .filter((reason) => reason !== null);
  const invalid = reasons.filter(({ level }) => level === 'invalid');
  const suspect = reasons.filter(({ level }) => level === 'suspect');
  const { rates, tokens } = report;
  const {
    unsent: _,
    released: __,
    little_applies: ___,
    send_lag_second_ms: ____,
    steady,
    ...figures
  } = report.health;
  const { offered_rps: offered, sent_rps: sent } = rates;
  return {
    status: invalid.length > 0 ? 'invalid' : suspect.length > 0 ? 'suspect' : 'valid',
    reasons: [...invalid, ...suspect],
    ...(report.imported === undefined ? {} : { not_checked: notChecked }),
    findings: findingsOf(report, values),
    ...figures,
    sent_share: offered === null || offered === 0 || sent === null ? null : sent / offered,
    little: rates.little,
    token_share: sharesOf(tokens.from),
    steady,
  };
}

/** Returns the names of the rules that cannot be checked because another tool measured the run. */
function uncheckedRules({ imported }: Pick<Report, 'imported'>): string[] {
  if (imported === undefined) return [];
  const { lacks } = imported;
  const isMissing = (need: Fact | 'generator'): boolean => need === 'generator' || lacks.includes(need);
  return VALIDITY_RULES.filter(({ needs = [] }) => needs.some(isMissing)).map(({ name }) => name);
}

function sharesOf(from: Report['tokens']['from']): Audit['token_share'] {
  const all = Object.values(from).reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(Object.entries(from).map(([source, count]) => [source, count / all]));
}
