/**
 * goodput as a library: measure an endpoint, score a recorded run, compare runs, simulate, search for a capacity. The commands of
 * `goodput` call the same functions, so figures, audit and verdict are the same.
 *
 *     import { measure } from 'goodput';
 *     const run = await measure({
 *       endpoint: { url: 'http://127.0.0.1:8000/v1' },
 *       load: { rate: '5/s', duration: '30s' },
 *       slo: { ttft: '200ms' },
 *       gates: ['attainment >= 90%'],
 *     });
 *     run.verdict.status; // 'pass', 'fail', 'invalid', …
 *
 * No function ends the process, prints, or handles signals.
 */
export { calibrate, type CalibrateOptions } from './library/calibrate.ts';
export { capacity, type CapacityOptions } from './library/capacity.ts';
export { compare, type ComparedFolders, type CompareOptions } from './library/compare.ts';
export { type DataSetOptions, inspectData, type InspectOptions, openDataSet } from './library/data-set.ts';
export { fit, type FitOptions } from './library/fit.ts';
export {
  measure,
  type MeasuredRounds,
  type MeasuredRun,
  type MeasureOptions,
  measureRounds,
  measureSweep,
  simulate,
} from './library/measure.ts';
export type {
  MeasuringOptions,
  Progress,
  ScenarioOptions,
  SeveralRunsOptions,
} from './library/library-options.ts';
export type { ScenarioInput } from './library/scenario-input.ts';
export { probe, type ProbeOptions } from './library/probe.ts';
export { score, type ScoringOptions } from './library/score.ts';

export type { FoundCapacity } from './multi-run/capacity.ts';
export type { MeasuredSweep } from './multi-run/sweep.ts';
export type { Score } from './score/score.ts';

export { analyze, type Analysis, type AnalysisOptions } from './analysis/analyze.ts';
export type { DistributionSummary, Report, ReportValues } from './analysis/report.ts';
export type { Ceiling } from './calibrate/ceiling.ts';
export type { CapacityDocument } from './capacity/capacity-document.ts';
export type {
  ComparedDocument as Compared,
  ComparisonDocument as Comparison,
  RankedDocument as RankedComparison,
} from './compare/written-comparison.ts';
export type { InspectionDocument as DataInspection } from './dataset/inspect/inspection.ts';
export type { Message, Session, Turn } from './dataset/model/session.ts';
export type { DataSet } from './dataset/read.ts';
export { EXIT, GoodputError } from './errors.ts';
export type { FitDocument as Fit } from './fit/fit-document.ts';
export { type Gate, parseGate, parseSlo, type RequestSlo } from './slo/grammar.ts';
export { type Metric, METRICS } from './metrics/registry.ts';
export type { RunHeader } from './record/header.ts';
export { openRun, type RecordedRun } from './record/reader.ts';
export { EXPORTERS, type TextExporter } from './render/exporters.ts';
export type { EndpointProfile } from './probe/endpoint-profile.ts';
export { renderText } from './render/run/text.ts';
export type { Sample } from './sample.ts';
export type { SweepDocument } from './sweep/sweep-document.ts';
export { type Audit, audit } from './verdict/audit.ts';
export { judge, type Verdict } from './verdict/judge.ts';
export { type Summary, toSummary } from './verdict/summary.ts';
