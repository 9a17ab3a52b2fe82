import { codesOf, type NoteCode, textsOf } from '../analysis/note.ts';
import type { Report } from '../analysis/report.ts';
import type { Audit } from './audit.ts';
import type { Finding } from './findings.ts';
import type { Verdict } from './judge.ts';

/** The document that `--json` prints and that `summary.json` contains. Its keys are a contract: see `schemaVersion`. */
export interface Summary extends Omit<Report, 'health' | 'notes'> {
  /** Only for a simulated endpoint. */
  simulated?: true;
  audit: Omit<Audit, 'reasons' | 'findings'> & {
    /** One text per reason: the observation and the advice. */
    reasons: string[];
    /** The rules of the reasons, in their order; the other lists of codes are alike. */
    reason_codes: string[];
    findings: string[];
    finding_codes: Finding['code'][];
  };
  verdict: Verdict;
  notes: string[];
  note_codes: NoteCode[];
}

/** Returns the document of a run, with its keys in the order in which people read them. */
export function toSummary(report: Report, audit: Audit, verdict: Verdict): Summary {
  const {
    schemaVersion,
    run,
    imported,
    ranks,
    data,
    endpoint,
    load,
    counts,
    metrics,
    rates,
    slo,
    slo_grid,
    by,
    groups,
    groups_total,
    sessions,
    tokens,
    reuse,
    failures,
    replicas,
    server_timing,
    telemetry,
    notes,
    intervals,
    machine,
    cost,
    energy,
    truth,
  } = report;
  const { status, reasons, findings, ...figures } = audit;
  return {
    ...(endpoint.simulated ? { simulated: true } : {}),
    schemaVersion,
    run,
    ...(imported === undefined ? {} : { imported }),
    ...(ranks === undefined ? {} : { ranks }),
    endpoint,
    ...(data === undefined ? {} : { data }),
    load,
    counts,
    metrics,
    rates,
    slo,
    ...(slo_grid === undefined ? {} : { slo_grid }),
    ...(by === undefined ? {} : { by }),
    ...(groups === undefined ? {} : { groups }),
    ...(groups_total === undefined ? {} : { groups_total }),
    ...(sessions === undefined ? {} : { sessions }),
    tokens,
    ...(reuse === undefined ? {} : { reuse }),
    audit: {
      status,
      reasons: reasons.map(({ text, advice }) => `${text} ${advice}`),
      reason_codes: reasons.map(({ rule }) => rule),
      ...figures,
      findings: textsOf(findings),
      finding_codes: codesOf(findings),
    },
    verdict,
    failures,
    ...(replicas === undefined ? {} : { replicas }),
    ...(server_timing === undefined ? {} : { server_timing }),
    ...(telemetry === undefined ? {} : { telemetry }),
    notes: textsOf(notes),
    intervals,
    ...(truth === undefined ? {} : { truth }),
    note_codes: codesOf(notes),
    machine,
    cost,
    energy,
  };
}
