import { renderScoredPage } from './run-page/scored-page.ts';
import type { ComparedRuns } from '../compare/ranking.ts';
import { toComparisonDocument } from '../compare/written-comparison.ts';
import { comparisonSeriesOf } from '../series/comparison-series.ts';
import { type Exits, exitingAs } from '../verdict/exits.ts';
import { toSummary } from '../verdict/summary.ts';
import type { BatchComparison } from '../batch/figures/batch-comparison.ts';
import type { BatchSummary } from '../batch/figures/batch-summary.ts';
import { renderBatch } from './batch/batch.ts';
import { renderBatchComparison } from './batch/batch-comparison.ts';
import { type FoundCapacity, renderCapacity } from './capacity/capacity.ts';
import { renderCapacityGithub, renderCapacityJunit } from './capacity/capacity-checks.ts';
import { renderCapacityCsv } from './capacity/capacity-csv.ts';
import { renderCapacityMarkdown } from './capacity/capacity-markdown.ts';
import { renderCapacityPage } from './capacity/capacity-page.ts';
import { renderCapacityPrometheus } from './capacity/capacity-prometheus.ts';
import { renderComparison } from './comparison/comparison.ts';
import { renderComparisonGithub, renderComparisonJunit } from './comparison/comparison-checks.ts';
import { renderComparisonCsv } from './comparison/comparison-csv.ts';
import { renderComparisonMarkdown, renderRankingMarkdown } from './comparison/comparison-markdown.ts';
import { renderComparisonPage } from './comparison/comparison-page.ts';
import { renderComparisonPrometheus } from './comparison/comparison-prometheus.ts';
import { renderInspection } from './dataset/inspection.ts';
import { type FoundInspection, renderInspectionPage } from './dataset/inspection-page.ts';
import { renderSeries } from './run/series.ts';
import { renderCsv, renderGroupCsv, renderSweepCsv } from './run/csv.ts';
import type { OtlpDocument } from './export/otlp-document.ts';
import { FORMATS, type FormatName, type OutputFormat } from './formats.ts';
import { renderGithub } from './run/github.ts';
import { renderJson } from './writers/json.ts';
import { renderJunit } from './run/junit.ts';
import { renderMarkdown } from './run/markdown.ts';
import { renderPrometheus } from './run/prometheus.ts';
import { renderRanking } from './comparison/ranking.ts';
import type { Style } from './layout/style.ts';
import { type FoundSweep, renderSweep } from './sweep/sweep.ts';
import { renderSweepPage } from './sweep/sweep-page.ts';
import { renderSweepMarkdown } from './sweep/sweep-markdown.ts';
import { type Judged, renderText } from './run/text.ts';
import type { ScoredRun } from './run/scored-run.ts';

/** A document: text or bytes, whole or in parts. */
export type Rendered = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** Renders one kind of results in one format. */
export interface Exporter<T> extends OutputFormat {
  /** Returns one document. A text ends with a newline. */
  render(found: T, style: Style): Rendered | Promise<Rendered>;
}

/** Renders results as text, from their figures alone. */
export interface TextExporter<T = readonly Judged[]> extends Exporter<T> {
  render(found: T, style: Style): string;
}

/** A kind of results, and its exporters. */
export interface Results<T, E extends Exporter<T> = Exporter<T>> {
  /** The kind as errors name it: run, comparison. */
  noun: string;
  exporters: readonly E[];
  /** Renders the single events in one of the formats, for a second file (`--events`). */
  events?: Exporter<T>;
  /** Returns the metrics that `--push-otlp` sends. */
  metrics?(found: T): Promise<OtlpDocument>;
  /** Returns the results with another relation of their verdict to the exit code. Absent: no verdict is printed. */
  withExits?(found: T, exits: Exits): T;
}

/** Returns the exporters of the formats that have a renderer, in the order of the help. */
function exporters<R>(
  renderers: Readonly<Partial<Record<FormatName, R>>>,
): readonly (OutputFormat & { render: R })[] {
  return FORMATS.flatMap((each) => {
    const render = renderers[each.format];
    return render === undefined ? [] : [{ ...each, render }];
  });
}

const textResults = <T>(
  noun: string,
  renderers: Readonly<Partial<Record<FormatName, TextExporter<T>['render']>>>,
): Results<T, TextExporter<T>> => ({ noun, exporters: exporters(renderers) });

const summaryOf = ({ report, audit, verdict }: Judged): object => toSummary(report, audit, verdict);

const RUN_TEXTS: Readonly<Partial<Record<FormatName, TextExporter['render']>>> = {
  text: (runs, style) => runs.map((run) => renderText(run, style)).join('\n'),
  json: (runs) => renderJson(runs.length === 1 ? summaryOf(runs[0]!) : runs.map(summaryOf)),
  markdown: (runs) => runs.map(renderMarkdown).join('\n'),
  junit: renderJunit,
  github: (runs) => runs.map(renderGithub).join(''),
  csv: renderCsv,
  prometheus: renderPrometheus,
};

/** Loads the writer of Parquet files, which no other command needs. */
const parquet = () => import('./export/parquet.ts');
const otlp = () => import('./export/otlp.ts');

/** Exporters of runs, at least one, that need only their figures. */
export const EXPORTERS: readonly TextExporter[] = exporters(RUN_TEXTS);

/**
 * Exporters of recorded runs, at least one. To add a format, add it to `formats.ts`, write a renderer and list it here; flags,
 * completion and docs follow.
 */
export const RUNS: Results<readonly ScoredRun[]> = {
  noun: 'run',
  exporters: exporters<Exporter<readonly ScoredRun[]>['render']>({
    ...RUN_TEXTS,
    html: renderScoredPage,
    series: renderSeries,
    parquet: async (runs) => (await parquet()).renderParquet(runs),
    otlp: async (runs) => (await otlp()).renderOtlp(runs),
    aiperf: async (runs) => (await import('./export/aiperf.ts')).renderAiperf(runs),
    vllm: async (runs) => (await import('./export/vllm.ts')).renderVllm(runs),
  }),
  events: {
    ...FORMATS.find(({ format }) => format === 'parquet')!,
    render: async (runs) => (await parquet()).renderEventsParquet(runs),
  },
  metrics: async (runs) => (await otlp()).otlpDocument(runs),
  withExits: (runs, exits) => runs.map((run) => ({ ...run, exits, verdict: exitingAs(run.verdict, exits) })),
};

/** The same with plots in the text report, which `--plots` asks for. */
export const RUNS_WITH_PLOTS: Results<readonly ScoredRun[]> = {
  ...RUNS,
  exporters: RUNS.exporters.map((each) => (each.format === 'text' ? withPlots(each) : each)),
};

/** Returns the exporters with one row per group in CSV, which `--by` asks for. */
export const withGroupRows = (results: typeof RUNS): typeof RUNS => ({
  ...results,
  exporters: results.exporters.map((each) =>
    each.format === 'csv' ? { ...each, render: renderGroupCsv } : each,
  ),
});

function withPlots(text: Exporter<readonly ScoredRun[]>): Exporter<readonly ScoredRun[]> {
  return {
    ...text,
    render: async (runs, style) => (await import('./run/plots.ts')).renderTextWithPlots(runs, style),
  };
}

/** Exporters of a comparison of two sides, or of a ranking of several. */
export const COMPARISONS: Results<ComparedRuns, TextExporter<ComparedRuns>> = {
  ...textResults<ComparedRuns>('comparison', {
    text: ({ compared, exits }, style) =>
      'ranking' in compared
        ? renderRanking(compared, style, exits)
        : renderComparison(compared, style, exits),
    json: ({ compared }) => renderJson(toComparisonDocument(compared)),
    markdown: ({ compared }) =>
      'ranking' in compared ? renderRankingMarkdown(compared) : renderComparisonMarkdown(compared),
    junit: ({ compared }) => renderComparisonJunit(compared),
    github: ({ compared, exits }) => renderComparisonGithub(compared, exits),
    csv: ({ compared }) => renderComparisonCsv(compared),
    prometheus: ({ compared }) => renderComparisonPrometheus(compared),
    html: renderComparisonPage,
    series: (found) => renderJson(comparisonSeriesOf(found)),
  }),
  withExits: ({ compared, ...found }, exits) => ({
    ...found,
    exits,
    compared:
      'ranking' in compared
        ? { ...compared, verdict: exitingAs(compared.verdict, exits) }
        : { ...compared, verdict: exitingAs(compared.verdict, exits) },
  }),
};

/** Exporters of a capacity search. */
export const CAPACITIES: Results<FoundCapacity, TextExporter<FoundCapacity>> = {
  ...textResults<FoundCapacity>('capacity search', {
    text: renderCapacity,
    json: ({ document }) => renderJson(document),
    markdown: renderCapacityMarkdown,
    junit: renderCapacityJunit,
    github: renderCapacityGithub,
    csv: renderCapacityCsv,
    prometheus: renderCapacityPrometheus,
    html: renderCapacityPage,
  }),
  withExits: ({ document, ...found }, exits) => ({
    ...found,
    exits,
    document: { ...document, verdict: exitingAs(document.verdict, exits) },
  }),
};

/** Exporters of a sweep. A sweep has no verdict, so the formats that report one are missing. */
export const SWEEPS = textResults<FoundSweep>('sweep', {
  text: renderSweep,
  json: ({ document }) => renderJson(document),
  markdown: renderSweepMarkdown,
  csv: ({ document }) => renderSweepCsv(document.points),
  html: renderSweepPage,
});

/** Exporters of a batch run. */
export const BATCHES = textResults<BatchSummary>('batch', {
  text: renderBatch,
  json: (summary) => renderJson(summary),
});

/** Exporters of an online run and a batch side by side. */
export const BATCH_COMPARISONS = textResults<BatchComparison>('comparison with a batch', {
  text: renderBatchComparison,
  json: (found) => renderJson(found),
});

/** Exporters of the inspection of a data set. */
export const INSPECTIONS = textResults<FoundInspection>('data set', {
  text: ({ document }, style) => renderInspection(document, style),
  json: ({ document }) => renderJson(document),
  html: renderInspectionPage,
  series: ({ plots }) => renderJson(plots),
});
