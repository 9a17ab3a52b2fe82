/** A form that results can be printed or written in. */
export interface Form {
  format: string;
  /** That a file name says it by, in lower case; none where only its name does. */
  extensions: readonly string[];
  what: string;
}

/** Every form, in the order of the help. `exporters.ts` says which results have it. */
export const FORMS = [
  { format: 'text', extensions: ['.txt'], what: 'what a terminal shows' },
  {
    format: 'json',
    extensions: ['.json'],
    what: 'the document that `--json` prints; of several runs a list',
  },
  {
    format: 'markdown',
    extensions: ['.md', '.markdown'],
    what: 'for a pull request or a step summary',
  },
  {
    format: 'junit',
    extensions: ['.xml'],
    what: 'test results: a suite a run or a comparison, a case a gate or a figure that decides',
  },
  {
    format: 'github',
    extensions: [],
    what: 'annotations of a GitHub workflow; to be printed',
  },
  {
    format: 'csv',
    extensions: ['.csv'],
    what: 'RFC 4180: a row a run, a figure of a comparison or a probe of a capacity',
  },
  {
    format: 'prometheus',
    extensions: ['.prom'],
    what: 'text format 0.0.4, for a push gateway or a textfile collector',
  },
] as const satisfies readonly Form[];

export type Format = (typeof FORMS)[number]['format'];

export const FORMATS: readonly Format[] = FORMS.map(({ format }) => format);
