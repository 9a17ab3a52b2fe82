import type { Report } from '../../analysis/report.ts';
import type { Audit } from '../../verdict/audit.ts';
import type { Exits } from '../../verdict/exits.ts';
import type { Verdict } from '../../verdict/judge.ts';
import { failures, folder, notes } from './appendix.ts';
import { attainment } from './attainment.ts';
import { audit } from './audit.ts';
import { gates } from './gates.ts';
import { groups } from './groups.ts';
import { headline } from './headline.ts';
import { intervals } from './intervals.ts';
import { latencies } from './latencies.ts';
import { measured } from './measured.ts';
import { sessions } from './sessions.ts';
import { sloGrid } from './slo-grid.ts';
import { openPage, type Page, type Style } from '../layout/style.ts';
import { stated } from './stated.ts';
import { telemetry } from './telemetry.ts';
import { throughput } from './throughput.ts';
import { truth } from './truth.ts';

/** A run with its audit and its verdict. */
export interface Judged {
  report: Report;
  audit: Audit;
  verdict: Verdict;
  /** How the exit code of the process relates to the verdict; absent: it is that of the verdict. */
  exits?: Exits | undefined;
}

/**
 * Returns the report for a terminal: the verdict first, then what was measured, then the figures. Colour changes no
 * character; no line is wider than `style.width`, limited to 60 to 100 columns. Ends with a newline.
 */
export function renderText(judged: Judged, style: Style): string {
  const page = openPage(style);
  const { report, audit: found } = judged;
  const sections = [
    ...decision(judged, page),
    measured(report, page),
    attainment(report, page),
    sloGrid(report.slo_grid, page),
    sessions(report, page),
    latencies(report, page),
    intervals(report, page),
    groups(report, page),
    throughput(report, page),
    stated(report, page),
    telemetry(report, page),
    failures(report, page),
    notes(
      [...found.findings, ...report.notes].map(({ text }) => text),
      page,
    ),
    report.truth === undefined ? [] : truth(report.truth, page),
    [...(found.status === 'valid' ? audit(found, page) : []), ...folder(report, page)],
  ];
  const texts = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

/**
 * Returns the headline, the audit and the gates. An audit that decides comes before the gates, another doubtful one after them; a
 * clean audit is at the end of the report.
 */
function decision(judged: Judged, page: Page): string[][] {
  const { audit: found, verdict } = judged;
  const first = headline(judged, page);
  const results = gates(verdict, page);
  if (found.status === 'valid') return [[...first, ...results]];
  const reasons = audit(found, page);
  return verdict.status === 'invalid' ? [first, reasons, results] : [[...first, ...results], reasons];
}
