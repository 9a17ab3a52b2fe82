import { decode, decodeText } from '../document/decode.ts';
import {
  any,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
} from '../document/definition.ts';
import { HEADER_FILE, SUMMARY_FILE } from '../record/folder.ts';
import { ROUNDS_VERSION } from '../record/rounds-json.ts';
import { decodeHeader, SCHEMA_VERSION } from '../record/run-json.ts';
import { clean } from '../render/layout/clean.ts';
import { duration, share, significant } from '../numbers.ts';
import { parseGate } from '../slo/grammar.ts';
import type { Entry, EntryFigure, FigureName, SeveralKind } from './entry.ts';

/** The part of `summary.json` that an entry shows. */
const SUMMARY_PART = object<{
  schemaVersion: number;
  metrics: Record<string, unknown>;
  rates: { goodput_rps: number | null };
  slo: { attainment: { value: number | null } } | null;
  audit: { status: string };
  verdict: { status: string; gates: { gate: string }[] };
}>(
  {
    schemaVersion: oneOf([SCHEMA_VERSION], 'Version.'),
    metrics: record(any('A distribution.'), 'Distributions.'),
    rates: object<{ goodput_rps: number | null }>(
      { goodput_rps: nullable(number('Goodput.')) },
      'Figures of the run.',
    ),
    slo: nullable(
      object<{ attainment: { value: number | null } }>(
        {
          attainment: object<{ value: number | null }>(
            { value: nullable(number('Attainment.')) },
            'Attainment.',
          ),
        },
        'Results of the SLOs.',
      ),
    ),
    audit: object<{ status: string }>({ status: string('Status.') }, 'Audit.'),
    verdict: object<{ status: string; gates: { gate: string }[] }>(
      {
        status: string('Status.'),
        gates: list(object<{ gate: string }>({ gate: string('The gate.') }, 'A gate.'), 'Gates.'),
      },
      'Verdict.',
    ),
  },
  'The part of a summary that the list shows.',
);

const TTFT_PART = object<{ p95: number | null }>({ p95: nullable(number('95th percentile.')) }, 'TTFT.');

interface SeveralPart {
  schemaVersion: number;
  name?: string;
  started?: string;
  verdict?: { status: string };
}

/** The parts of the documents of several runs that an entry shows. */
const severalPart = (kind: SeveralKind) =>
  object<SeveralPart>(
    {
      schemaVersion: oneOf([kind === 'rounds' ? ROUNDS_VERSION : SCHEMA_VERSION], 'Version.'),
      name: optional(string('Name of the scenario.')),
      started: optional(string('Start.')),
      verdict: optional(object<{ status: string }>({ status: string('Status.') }, 'Verdict.')),
    },
    'The part of the document of several runs that the list shows.',
  );

/** Returns what a reader returns, or throws its error with the name of the file. */
function within<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const none = (): EntryFigure => ({ value: null, text: '–' });
const figure = (value: number | null, textOf: (value: number) => string): EntryFigure =>
  value === null ? none() : { value, text: textOf(value) };

const empty = (id: string, kind: Entry['kind'], parent: string | null): Entry => ({
  id,
  kind,
  name: id.split('/').at(-1)!,
  parent,
  started: null,
  problem: null,
  status: null,
  verdict: null,
  audit: null,
  endpoint: null,
  machine: null,
  simulated: false,
  figures: { attainment: none(), ttft_p95_ms: none(), goodput_rps: none() },
  gates: [],
});

/**
 * Returns the entry of a run folder.
 * @param header text of `run.json`; `null` if it cannot be read
 * @param summary text of `summary.json`; `null` if there is none
 */
export function entryOfRun(
  id: string,
  parent: string | null,
  header: string | null,
  summary: string | null,
): Entry {
  const entry = empty(id, 'run', parent);
  try {
    const { name, started, status, endpoint, environment, kind } = within(HEADER_FILE, () =>
      decodeHeader(header ?? 'null'),
    );
    Object.assign(entry, {
      name: clean(name),
      started: isTime(started) ? started : null,
      status,
      endpoint: clean(
        [endpoint.simulated ? 'simulated' : endpoint.url, endpoint.model]
          .filter((each) => each !== null)
          .join(', '),
      ),
      machine: environment === null ? null : clean(`${environment.cpu}, ${environment.cores} cores`),
      simulated: endpoint.simulated,
    } satisfies Partial<Entry>);
    if (kind === 'batch')
      return { ...entry, problem: 'a batch, which has no page: goodput report shows it in the terminal' };
    if (summary === null) return entry;
    const { metrics, rates, slo, audit, verdict } = within(SUMMARY_FILE, () =>
      decodeText(SUMMARY_PART, summary),
    );
    const ttft =
      metrics['ttft'] === undefined
        ? null
        : within(`${SUMMARY_FILE}: metrics.ttft`, () => decode(TTFT_PART, metrics['ttft'])).p95;
    return {
      ...entry,
      verdict: clean(verdict.status),
      audit: clean(audit.status),
      figures: {
        attainment: figure(slo?.attainment.value ?? null, share),
        ttft_p95_ms: figure(ttft, duration),
        goodput_rps: figure(rates.goodput_rps, (value) => `${significant(value)} req/s`),
      },
      gates: verdict.gates.flatMap(({ gate }) => gateOf(gate)),
    };
  } catch (error) {
    return { ...entry, problem: clean(error instanceof Error ? error.message : String(error)) };
  }
}

/** Returns the entry of a folder of several runs, from its document. */
export function entryOfRuns(id: string, kind: SeveralKind, document: string | null): Entry {
  const entry = empty(id, kind, null);
  try {
    const { name, started, verdict } = within(`${kind}.json`, () =>
      decodeText(severalPart(kind), document ?? 'null'),
    );
    return {
      ...entry,
      name: clean(name ?? entry.name),
      started: started !== undefined && isTime(started) ? started : null,
      verdict: verdict === undefined ? null : clean(verdict.status),
    };
  } catch (error) {
    return { ...entry, problem: clean(error instanceof Error ? error.message : String(error)) };
  }
}

const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text);

function gateOf(text: string): Entry['gates'] {
  const gate = parseGate(text);
  if (!gate.ok) return [];
  const { metric, aggregation, group, value } = gate.value;
  if (group !== undefined) return [];
  const name = FIGURE_OF.get(aggregation === null ? metric : `${metric} ${aggregation}`);
  return name === undefined ? [] : [{ figure: name, text: clean(text), limit: value }];
}

const FIGURE_OF: ReadonlyMap<string, FigureName> = new Map([
  ['attainment', 'attainment'],
  ['ttft p95', 'ttft_p95_ms'],
  ['goodput_rps', 'goodput_rps'],
]);
