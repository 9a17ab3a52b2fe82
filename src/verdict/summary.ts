import type { Report } from '../analysis/report.ts';
import type { Audit } from './audit.ts';
import type { Verdict } from './judge.ts';

/** The document that `--json` prints and `summary.json` keeps. A contract: see `schemaVersion`. */
export interface Summary extends Omit<Report, 'health'> {
  /** Only of a simulated endpoint. */
  simulated?: true;
  audit: Omit<Audit, 'reasons'> & {
    /** What was seen and what to do about it, a reason each. */
    reasons: string[];
  };
  verdict: Verdict;
}

/** Puts the document together, in the order that people read it. */
export function toSummary(report: Report, audit: Audit, verdict: Verdict): Summary {
  const {
    schemaVersion,
    run,
    endpoint,
    load,
    counts,
    metrics,
    rates,
    slo,
    slo_grid,
    tokens,
    failures,
    replicas,
    notes,
    intervals,
    truth,
  } = report;
  const { status, reasons, findings, ...figures } = audit;
  return {
    ...(endpoint.simulated ? { simulated: true } : {}),
    schemaVersion,
    run,
    endpoint,
    load,
    counts,
    metrics,
    rates,
    slo,
    ...(slo_grid === undefined ? {} : { slo_grid }),
    tokens,
    audit: {
      status,
      reasons: reasons.map((reason) => `${reason.text} ${reason.advice}`),
      ...figures,
      findings,
    },
    verdict,
    failures,
    ...(replicas === undefined ? {} : { replicas }),
    notes,
    intervals,
    ...(truth === undefined ? {} : { truth }),
  };
}
