import type { Report } from '../analysis/report.ts';
import type { Audit } from './audit.ts';
import type { Verdict } from './judge.ts';

/** The document that `--json` prints and that `summary.json` contains. Its keys are a contract: see `schemaVersion`. */
export interface Summary extends Omit<Report, 'health' | 'notes'> {
  /** Only for a simulated endpoint. */
  simulated?: true;
  audit: Omit<Audit, 'reasons' | 'findings'> & {
    /** One text per reason: the observation and the advice. */
    reasons: string[];
    findings: string[];
  };
  verdict: Verdict;
  notes: string[];
}

/** Returns the document of a run, with its keys in the order in which people read them. */
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
      reasons: reasons.map(({ text, advice }) => `${text} ${advice}`),
      ...figures,
      findings: findings.map(({ text }) => text),
    },
    verdict,
    failures,
    ...(replicas === undefined ? {} : { replicas }),
    notes: notes.map(({ text }) => text),
    intervals,
    ...(truth === undefined ? {} : { truth }),
  };
}
