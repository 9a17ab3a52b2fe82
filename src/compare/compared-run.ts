import type { Report, ReportValues } from '../analysis/report.ts';
import type { RunSeries } from '../analysis/series.ts';
import type { RunHeader } from '../record/header.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Audit } from '../verdict/audit.ts';

/** A recorded run as a comparison takes it: scored, with its cohort in the order of the plan. */
export interface ComparedRun {
  dir: string;
  header: RunHeader;
  /** As the run was planned. */
  scenario: Scenario;
  report: Report;
  values: ReportValues;
  series: RunSeries;
  audit: Audit;
}

/** What is compared with what. */
export interface Sides {
  base: readonly ComparedRun[];
  new: readonly ComparedRun[];
}
