/** A format in which results can be printed or written. */
export interface OutputFormat {
  format: string;
  /** File extensions that select the format, in lower case; empty if only its name does. */
  extensions: readonly string[];
  what: string;
  /** Bytes that no terminal can show. */
  isBinary?: true;
}

/** Every format, in the order of the help. `exporters.ts` says which results have it. */
export const FORMATS = [
  { format: 'text', extensions: ['.txt'], what: 'the report as on a terminal' },
  {
    format: 'json',
    extensions: ['.json'],
    what: 'the document that `--json` prints; a list for several runs',
  },
  {
    format: 'markdown',
    extensions: ['.md', '.markdown'],
    what: 'for a pull request or a step summary',
  },
  {
    format: 'junit',
    extensions: ['.xml'],
    what: 'test results: a suite per run or comparison, a case per gate or deciding figure',
  },
  {
    format: 'github',
    extensions: [],
    what: 'annotations of a GitHub workflow, to be printed to its log',
  },
  {
    format: 'csv',
    extensions: ['.csv'],
    what: 'RFC 4180: a row per run, per figure of a comparison, or per window of a capacity search',
  },
  {
    format: 'prometheus',
    extensions: ['.prom'],
    what: 'text format 0.0.4, for a push gateway or a textfile collector',
  },
  {
    format: 'html',
    extensions: ['.html', '.htm'],
    what: 'a page with charts, in one file that loads nothing; one run, comparison, sweep or search per page',
  },
  {
    format: 'series',
    extensions: [],
    what: 'every number that the page of a run or comparison draws, as JSON; a list for several runs',
  },
  {
    format: 'parquet',
    extensions: ['.parquet'],
    what: 'a row per request; with `--events` a second file with a row per output event',
    isBinary: true,
  },
  {
    format: 'otlp',
    extensions: [],
    what: 'OpenTelemetry metrics (OTLP, JSON); `--push-otlp` sends them to a collector',
  },
  {
    format: 'vllm',
    extensions: [],
    what: 'the result of `vllm bench serve --save-result`, a line per run',
  },
  {
    format: 'aiperf',
    extensions: [],
    what: '`profile_export_aiperf.json` of AIPerf; a list for several runs',
  },
] as const satisfies readonly OutputFormat[];

export type FormatName = (typeof FORMATS)[number]['format'];
