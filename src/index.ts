/**
 * goodput as a library: read a recorded run, score it anew, render it. Measuring is the command line's job.
 *
 *     import { openRun, analyze, parseSlo } from 'goodput';
 *     const run = await openRun('reports/chat-20260101T120000Z');
 *     const slo = parseSlo('ttft<=200ms');
 *     const { report } = await analyze(run.header, run.dir, run.samples(), slo.ok ? slo.value : []);
 */
export { analyze, type Analysis, type AnalysisOptions } from './analysis/analyze.ts';
export type { DistributionSummary, Report, ReportValues } from './analysis/report.ts';
export { EXIT, GoodputError } from './errors.ts';
export { type Gate, parseGate, parseSlo, type RequestSlo } from './slo/grammar.ts';
export { type Metric, METRICS } from './metrics/registry.ts';
export type { RunHeader } from './record/header.ts';
export { openRun, type RecordedRun } from './record/reader.ts';
export { type Exporter, EXPORTERS } from './render/exporters.ts';
export { renderText } from './render/run/text.ts';
export type { Sample } from './sample.ts';
export { type Audit, audit } from './verdict/audit.ts';
export { judge, type Verdict } from './verdict/judge.ts';
export { type Summary, toSummary } from './verdict/summary.ts';
