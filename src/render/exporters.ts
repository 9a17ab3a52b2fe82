import { toSummary } from '../verdict/summary.ts';
import { renderCsv } from './csv.ts';
import { renderGithub } from './github.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPrometheus } from './prometheus.ts';
import type { Style } from './style.ts';
import { type Judged, renderText } from './text.ts';

/** A form that results can be printed or written in. */
export interface Exporter {
  format: string;
  /** That a file name says it by, in lower case; none where only its name does. */
  extensions: readonly string[];
  what: string;
  /** One document for all of the runs, at least one. */
  render(runs: readonly Judged[], style: Style): string;
}

const summaryOf = ({ report, audit, verdict }: Judged): object => toSummary(report, audit, verdict);

/** Adding a form is one file in this room and one entry here: flags, completion and docs follow. */
export const EXPORTERS: readonly Exporter[] = [
  {
    format: 'text',
    extensions: ['.txt'],
    what: 'the report of the terminal',
    render: (runs, style) => runs.map((run) => renderText(run, style)).join('\n'),
  },
  {
    format: 'json',
    extensions: ['.json'],
    what: 'the summary document; of several runs a list',
    render: (runs) => renderJson(runs.length === 1 ? summaryOf(runs[0]!) : runs.map(summaryOf)),
  },
  {
    format: 'markdown',
    extensions: ['.md', '.markdown'],
    what: 'for a pull request or a step summary',
    render: (runs) => runs.map(renderMarkdown).join('\n'),
  },
  {
    format: 'junit',
    extensions: ['.xml'],
    what: 'test results: a suite a run, a case a gate',
    render: renderJunit,
  },
  {
    format: 'github',
    extensions: [],
    what: 'annotations of a GitHub workflow; to be printed',
    render: (runs) => runs.map(renderGithub).join(''),
  },
  {
    format: 'csv',
    extensions: ['.csv'],
    what: 'one row a run (RFC 4180)',
    render: renderCsv,
  },
  {
    format: 'prometheus',
    extensions: ['.prom'],
    what: 'text format 0.0.4, for a push gateway or a textfile collector',
    render: renderPrometheus,
  },
];

export const FORMATS: readonly string[] = EXPORTERS.map(({ format }) => format);

export const exporterNamed = (format: string): Exporter | undefined =>
  EXPORTERS.find((each) => each.format === format);
