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
import { type Form, FORMS, type Format } from './forms.ts';
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

/** A form of one kind of results. */
export interface Exporter<T = readonly Judged[]> extends Form {
  /** One document. Ends with a line end. */
  render(found: T, style: Style): string;
}

/** A kind of results, and the forms that it has. */
export interface Results<T> {
  /** In errors: a run, the comparison. */
  noun: string;
  exporters: readonly Exporter<T>[];
}

function results<T>(
  noun: string,
  renderers: Readonly<Partial<Record<Format, Exporter<T>['render']>>>,
): Results<T> {
  const exporters = FORMS.flatMap((form): Exporter<T>[] => {
    const render = renderers[form.format];
    return render === undefined ? [] : [{ ...form, render }];
  });
  return { noun, exporters };
}

const summaryOf = ({ report, audit, verdict }: Judged): object => toSummary(report, audit, verdict);

/** Runs, at least one. Adding a form is a renderer in this room and a line here: flags, completion and docs follow. */
export const RUNS = results<readonly Judged[]>('run', {
  text: (runs, style) => runs.map((run) => renderText(run, style)).join('\n'),
  json: (runs) => renderJson(runs.length === 1 ? summaryOf(runs[0]!) : runs.map(summaryOf)),
  markdown: (runs) => runs.map(renderMarkdown).join('\n'),
  junit: renderJunit,
  github: (runs) => runs.map(renderGithub).join(''),
  csv: renderCsv,
  prometheus: renderPrometheus,
});

/** Two sides, or a ranking of several. */
export const COMPARISONS = results<Compared>('comparison', {
  text: (found, style) => ('ranking' in found ? renderRanking(found, style) : renderComparison(found, style)),
  json: renderJson,
  markdown: (found) => ('ranking' in found ? renderRankingMarkdown(found) : renderComparisonMarkdown(found)),
  junit: renderComparisonJunit,
  github: renderComparisonGithub,
  csv: renderComparisonCsv,
  prometheus: renderComparisonPrometheus,
});

export const CAPACITIES = results<FoundCapacity>('search for a capacity', {
  text: renderCapacity,
  json: ({ document }) => renderJson(document),
  markdown: renderCapacityMarkdown,
  junit: renderCapacityJunit,
  github: renderCapacityGithub,
  csv: renderCapacityCsv,
  prometheus: renderCapacityPrometheus,
});

/** A sweep decides nothing, so it has no form that says what was decided. */
export const SWEEPS = results<FoundSweep>('sweep', {
  text: renderSweep,
  json: ({ document }) => renderJson(document),
  markdown: renderSweepMarkdown,
  csv: ({ document }) => renderSweepCsv(document.points),
});

/** The forms of runs. */
export const EXPORTERS: readonly Exporter[] = RUNS.exporters;
