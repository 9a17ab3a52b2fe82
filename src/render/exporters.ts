import type { Compared } from '../compare/ranking.ts';
import { toSummary } from '../verdict/summary.ts';
import { type FoundCapacity, renderCapacity } from './capacity/capacity.ts';
import { renderCapacityGithub, renderCapacityJunit } from './capacity/capacity-checks.ts';
import { renderCapacityCsv } from './capacity/capacity-csv.ts';
import { renderCapacityMarkdown } from './capacity/capacity-markdown.ts';
import { renderCapacityPrometheus } from './capacity/capacity-prometheus.ts';
import { renderComparison } from './comparison/comparison.ts';
import { renderComparisonGithub, renderComparisonJunit } from './comparison/comparison-checks.ts';
import { renderComparisonCsv } from './comparison/comparison-csv.ts';
import { renderComparisonMarkdown, renderRankingMarkdown } from './comparison/comparison-markdown.ts';
import { renderComparisonPrometheus } from './comparison/comparison-prometheus.ts';
import { renderCsv, renderSweepCsv } from './run/csv.ts';
import { FORMATS, type FormatName, type OutputFormat } from './formats.ts';
import { renderGithub } from './run/github.ts';
import { renderJson } from './writers/json.ts';
import { renderJunit } from './run/junit.ts';
import { renderMarkdown } from './run/markdown.ts';
import { renderPrometheus } from './run/prometheus.ts';
import { renderRanking } from './comparison/ranking.ts';
import type { Style } from './layout/style.ts';
import { type FoundSweep, renderSweep } from './sweep/sweep.ts';
import { renderSweepMarkdown } from './sweep/sweep-markdown.ts';
import { type Judged, renderText } from './run/text.ts';

/** Renders one kind of results in one format. */
export interface Exporter<T = readonly Judged[]> extends OutputFormat {
  /** Returns one document, which ends with a newline. */
  render(found: T, style: Style): string;
}

/** A kind of results, and its exporters. */
export interface Results<T> {
  /** The kind as errors name it: run, comparison. */
  noun: string;
  exporters: readonly Exporter<T>[];
}

function results<T>(
  noun: string,
  renderers: Readonly<Partial<Record<FormatName, Exporter<T>['render']>>>,
): Results<T> {
  const exporters = FORMATS.flatMap((each): Exporter<T>[] => {
    const render = renderers[each.format];
    return render === undefined ? [] : [{ ...each, render }];
  });
  return { noun, exporters };
}

const summaryOf = ({ report, audit, verdict }: Judged): object => toSummary(report, audit, verdict);

/**
 * Exporters of runs, at least one. To add a format, add it to `formats.ts`, write a renderer and list it here; flags, completion
 * and docs follow.
 */
export const RUNS = results<readonly Judged[]>('run', {
  text: (runs, style) => runs.map((run) => renderText(run, style)).join('\n'),
  json: (runs) => renderJson(runs.length === 1 ? summaryOf(runs[0]!) : runs.map(summaryOf)),
  markdown: (runs) => runs.map(renderMarkdown).join('\n'),
  junit: renderJunit,
  github: (runs) => runs.map(renderGithub).join(''),
  csv: renderCsv,
  prometheus: renderPrometheus,
});

/** Exporters of a comparison of two sides, or of a ranking of several. */
export const COMPARISONS = results<Compared>('comparison', {
  text: (found, style) => ('ranking' in found ? renderRanking(found, style) : renderComparison(found, style)),
  json: renderJson,
  markdown: (found) => ('ranking' in found ? renderRankingMarkdown(found) : renderComparisonMarkdown(found)),
  junit: renderComparisonJunit,
  github: renderComparisonGithub,
  csv: renderComparisonCsv,
  prometheus: renderComparisonPrometheus,
});

/** Exporters of a capacity search. */
export const CAPACITIES = results<FoundCapacity>('capacity search', {
  text: renderCapacity,
  json: ({ document }) => renderJson(document),
  markdown: renderCapacityMarkdown,
  junit: renderCapacityJunit,
  github: renderCapacityGithub,
  csv: renderCapacityCsv,
  prometheus: renderCapacityPrometheus,
});

/** Exporters of a sweep. A sweep has no verdict, so the formats that report one are missing. */
export const SWEEPS = results<FoundSweep>('sweep', {
  text: renderSweep,
  json: ({ document }) => renderJson(document),
  markdown: renderSweepMarkdown,
  csv: ({ document }) => renderSweepCsv(document.points),
});

/** The exporters of runs. */
export const EXPORTERS: readonly Exporter[] = RUNS.exporters;
