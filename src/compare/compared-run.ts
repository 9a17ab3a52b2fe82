import type { Report, ReportValues } from '../analysis/report.ts';
import type { RunSeries } from '../analysis/series.ts';
import type { RunHeader } from '../record/header.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Audit } from '../verdict/audit.ts';

/** A recorded run that is compared: scored, with its cohort in the order of the plan. */
export interface ComparedRun {
  dir: string;
  header: RunHeader;
  /** The planned scenario of the run. */
  scenario: Scenario;
  report: Report;
  values: ReportValues;
  series: RunSeries;
  audit: Audit;
}

/** The two sides of a comparison. */
export interface Sides {
  base: readonly ComparedRun[];
  new: readonly ComparedRun[];
}
