import { share, tokens } from '../numbers.ts';
import { textsOf } from '../analysis/note.ts';
import type { Report } from '../analysis/report.ts';
import { formatDuration } from '../units.ts';
import type { ComparedRun, Sides } from './compared-run.ts';
import { disagreement, isImported, trait, type Trait } from './trait.ts';
import type { Warning } from './warning.ts';

/** Names of the sides in sentences. */
export type Names = Readonly<Record<keyof Sides, string>>;

/** Returns only the keys of a body: its values may be secrets. */
const keysText = (body: Readonly<Record<string, unknown>>): string =>
  Object.keys(body).length === 0 ? 'none' : Object.keys(body).join(', ');

/** Traits in which runs should agree: a difference in one of them may explain a difference of the figures. */
const SHOULD_AGREE: readonly (Trait & Pick<Warning, 'code'> & { so: string })[] = [
  {
    code: 'other_model',
    ...trait('model', ({ header }) => header.endpoint.model),
    so: 'a difference may be the model’s',
  },
  {
    code: 'other_api',
    ...trait('API', ({ header }) => header.endpoint.api),
    so: 'a difference may be the API’s',
  },
  {
    code: 'other_body',
    ...trait(
      'parameters of requests',
      ({ scenario }) => scenario.endpoint.body,
      ({ scenario }) => keysText(scenario.endpoint.body),
    ),
    isUnknownIn: isImported,
    so: 'the servers were asked for different work',
  },
  {
    code: 'other_prompt_files',
    ...trait(
      'prompt files',
      ({ scenario }) => scenario.workload.data?.files,
      ({ scenario }) => scenario.workload.data?.files.join(', ') ?? 'none',
    ),
    // With digests of the files, runs of different data are refused.
    isUnknownIn: (run) => isImported(run) || run.header.data !== undefined,
    so: 'it is unknown if they have the same prompts',
  },
  {
    code: 'other_window',
    ...trait(
      'window',
      ({ scenario: { load } }) => [load.duration, load.requests, load.sessions],
      ({ scenario: { load } }) =>
        load.requests !== null
          ? `${load.requests} requests`
          : load.sessions !== null
            ? `${load.sessions} sessions`
            : load.duration === null
              ? 'the data'
              : formatDuration(load.duration),
    ),
    so: 'if a queue grows, the longer run looks slower',
  },
  {
    code: 'other_warmup',
    ...trait(
      'warm-up',
      ({ scenario: { load } }) => load.warmup,
      ({ scenario: { load } }) => formatDuration(load.warmup),
    ),
    isUnknownIn: isImported,
    so: 'the shorter one may include slow starts',
  },
  {
    code: 'other_clock',
    ...trait(
      'clock',
      ({ header }) => header.endpoint.virtual === true,
      ({ header }) => (header.endpoint.virtual === true ? 'virtual' : 'real'),
    ),
    so: 'with a real clock, goodput and the network take time too',
  },
  {
    code: 'other_machine',
    ...trait(
      'measuring machine',
      ({ header: { environment } }) => [environment?.cpu, environment?.cores],
      ({ header: { environment } }) =>
        environment === null ? 'unknown' : `${environment.cores} × ${environment.cpu}`,
    ),
    isUnknownIn: isImported,
    so: 'a difference may be the machine’s',
  },
  {
    code: 'other_version',
    ...trait('version of goodput', ({ header }) => header.version),
    so: 'definitions may have changed',
  },
];

/** Returns warnings about differences whose cause may not be the server. */
export function doubts(sides: Sides, names: Names): Warning[] {
  const all = [...sides.base, ...sides.new];
  const [first, ...others] = all as [ComparedRun, ...ComparedRun[]];
  const found: Warning[] = [];
  for (const { code, so, ...trait } of SHOULD_AGREE) {
    const text = others.map((run) => disagreement(trait, first, run)).find((each) => each !== null);
    if (text !== undefined) found.push({ code, text: `Other ${text}; ${so}.` });
  }
  return [
    ...found,
    ...mixedSide(sides, names),
    ...tokenSources(sides, names),
    ...answerLengths(sides, names),
    ...failures(sides, names),
    ...caches(sides, names),
    ...shortRuns(sides, names),
    ...all.flatMap(ofOneRun),
    ...times(sides),
  ];
}

/** Returns a warning if one side has runs of several endpoints. */
function mixedSide(sides: Sides, names: Names): Warning[] {
  return (['base', 'new'] as const).flatMap((side) => {
    const urls = [...new Set(sides[side].map(({ header }) => header.endpoint.url))];
    return urls.length < 2
      ? []
      : [
          {
            code: 'several_endpoints',
            text: `The runs of ${names[side]} measured several endpoints (${urls.join(', ')}): they are compared as one.`,
          },
        ];
  });
}

/** Returns the source of most token counts of a side; `null` if there are none. */
export function tokenSourceOf(runs: readonly ComparedRun[]): string | null {
  const sums = new Map<string, number>();
  for (const { report } of runs)
    for (const [source, count] of Object.entries(report.tokens.from))
      sums.set(source, (sums.get(source) ?? 0) + count);
  return [...sums].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function tokenSources({ base, new: next }: Sides, names: Names): Warning[] {
  const [a, b] = [tokenSourceOf(base), tokenSourceOf(next)];
  if (a === b || a === null || b === null) return [];
  const so =
    a === 'events' || b === 'events'
      ? 'one side counts events and the other tokens, so figures that count tokens have no verdict'
      : 'this alone may change figures that count tokens';
  const text = `Other token source: ${a} in ${names.base}, ${b} in ${names.new}; ${so}.`;
  return [{ code: 'other_token_source', text }];
}

/** Share by which mean response lengths may differ: responses of other lengths are other work. */
const LENGTHS_ALIKE = 0.05;

function answerLengths({ base, new: next }: Sides, names: Names): Warning[] {
  const mean = (runs: readonly ComparedRun[]): number | null => {
    const means = runs.map(({ report }) => report.tokens.output.actual_mean);
    return means.some((each) => each === null)
      ? null
      : means.reduce<number>((sum, each) => sum + each!, 0) / means.length;
  };
  const [a, b] = [mean(base), mean(next)];
  if (a === null || b === null || Math.abs(b - a) <= LENGTHS_ALIKE * a) return [];
  const text = `Answers had ${tokens(a)} tokens in ${names.base} and ${tokens(b)} in ${names.new} on average: end-to-end latency and throughput are not for the same work.`;
  return [{ code: 'other_output_length', text }];
}

/** Difference of the error rates above which latencies are not compared: the side that fails more serves fewer requests. */
export const FAILURES_ALIKE = 0.01;

export const errorRateOf = (runs: readonly ComparedRun[]): number =>
  runs.reduce((sum, { report }) => sum + (report.rates.error_rate ?? 0), 0) / runs.length;

function failures({ base, new: next }: Sides, names: Names): Warning[] {
  const [a, b] = [errorRateOf(base), errorRateOf(next)];
  if (Math.abs(b - a) <= FAILURES_ALIKE) return [];
  const text = `Requests failed: ${share(a)} in ${names.base}, ${share(b)} in ${names.new}. Latencies include only requests that succeeded, so the side with more failures is not called better in any latency.`;
  return [{ code: 'other_error_rate', text }];
}

/** Shares of cached input that differ by less than this explain little of a difference. */
const CACHES_ALIKE = 0.05;

/** Returns the mean over the runs with a known share; `null` if there is none. */
export function cachedShareOf(runs: readonly ComparedRun[]): number | null {
  const shares = runs.map(({ report }) => report.tokens.cached_share ?? null).filter((each) => each !== null);
  return shares.length === 0 ? null : shares.reduce((sum, each) => sum + each, 0) / shares.length;
}

function caches({ base, new: next }: Sides, names: Names): Warning[] {
  const [a, b] = [cachedShareOf(base), cachedShareOf(next)];
  if (Math.abs((b ?? 0) - (a ?? 0)) <= CACHES_ALIKE) return [];
  const shown = (each: number | null): string => (each === null ? 'an unknown share' : share(each));
  const text = `Input tokens from the prefix cache: ${shown(a)} in ${names.base}, ${shown(b)} in ${names.new}. Cached input shortens TTFT.`;
  return [{ code: 'other_cached_share', text }];
}

/** Returns true if a run is too short for intervals. */
export const isShort = ({ intervals }: Pick<Report, 'intervals'>): boolean =>
  intervals.length === 'inconclusive';

function shortRuns(sides: Sides, names: Names): Warning[] {
  return (['base', 'new'] as const).flatMap((side) => {
    const short = sides[side].filter(({ report }) => isShort(report));
    if (short.length === 0) return [];
    const { dir, report } = short[0]!;
    const { requests, effective, needed } = report.intervals;
    const worth = Math.floor(effective);
    const enough = needed === null ? '' : `; about ${Math.ceil(needed)} requests are needed`;
    const text = `${short.length} of ${sides[side].length} runs of ${names[side]} ${short.length === 1 ? 'is' : 'are'} short: the ${requests} requests of ${dir} are equivalent to ${worth} independent ${worth === 1 ? 'one' : 'ones'}${enough}. Differences from short runs are marked *: longer runs may show others.`;
    return [{ code: 'short_runs', text }];
  });
}

function ofOneRun({ dir, header, report, audit }: ComparedRun): Warning[] {
  const found: Warning[] = [];
  const warn = (code: Warning['code'], text: string): number => found.push({ code, text: `${dir} ${text}` });
  if (header.imported !== undefined)
    warn(
      'imported_run',
      `was measured by ${header.imported.tool} and imported: its prompts and its load generator are unknown, and may explain a difference.`,
    );
  if (header.status !== 'complete')
    warn('incomplete_run', `did not complete (${header.status}): its figures are for the part that ran.`);
  const { lost } = report.counts;
  if (lost > 0)
    warn(
      'lost_requests',
      `lost ${lost} ${lost === 1 ? 'request' : 'requests'} without a record: there is no interval for it.`,
    );
  if (audit.status === 'suspect') warn('suspect_run', `is suspect: ${textsOf(audit.reasons).join(' ')}`);
  if (report.health.steady?.overload === true)
    warn('overloaded_run', 'was overloaded: its figures depend on how long it was.');
  return found;
}

const HOUR_MS = 3_600_000;

/** Returns a warning if the sides were measured at different times: any other change in between counts as a change of the server. */
function times({ base, new: next }: Sides): Warning[] {
  const at = (runs: readonly ComparedRun[]): number[] => runs.map(({ header }) => header.origin.epoch_ms);
  const [a, b] = [at(base), at(next)];
  if ([...base, ...next].every(({ header }) => header.endpoint.virtual === true)) return [];
  const apart = Math.max(Math.min(...b) - Math.max(...a), Math.min(...a) - Math.max(...b));
  if (apart > HOUR_MS)
    return [
      {
        code: 'measured_apart',
        text: `The sides were measured ${formatDuration(Math.round(apart / 60_000) * 60_000)} apart: any other change in between counts as a difference.`,
      },
    ];
  return a.length > 1 && b.length > 1 && apart > 0
    ? [
        {
          code: 'not_interleaved',
          text: 'All runs of one side were measured before the other’s: drift in between counts as a difference. goodput run --against interleaves them.',
        },
      ]
    : [];
}
