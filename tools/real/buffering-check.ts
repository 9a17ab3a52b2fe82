/** Compares a run through nginx with the log of the simulated endpoint behind it, request by request. */
import { readFile } from 'node:fs/promises';
import {
  type Check,
  check,
  everyRequestSucceeded,
  readRun,
  round,
  type Sample,
  sorted,
  span,
  sum,
} from './check.ts';

/** A line of the simulated endpoint's log. */
interface Truth {
  id?: string;
  written_us?: number[];
}

// Both stamps come from one machine: a late read of the first or the last event is a few milliseconds of about 300.
const TPOT_TOLERANCE = 0.03;

/** How responses arrive; `undecidable`: buffered, with an SLO on their pace. */
export type Expected = 'streamed' | 'buffered' | 'undecidable';

interface ProxiedRun {
  dir: string;
  log: string; // the simulated endpoint's
  expected: Expected;
  encoding: string | null; // content-encoding of the responses
}

export async function checkProxiedRun({ dir, log, expected, encoding }: ProxiedRun): Promise<Check[]> {
  const { run, summary, samples } = await readRun(dir);
  const ok = samples.filter((sample) => sample.outcome === 'ok');
  const encodings = new Set(ok.map((s) => s.headers?.['content-encoding'] ?? null));
  return [
    // Compressed too, if nginx compresses.
    check(
      'the list of models is read',
      run.endpoint.said.models?.[0] === run.endpoint.model,
      run.endpoint.said.models_problem ?? run.endpoint.model,
    ),
    everyRequestSucceeded(samples, ok),
    check(
      'every token is there',
      ok.every((s) => s.output_tokens === s.planned_output && s.events_us?.length === s.output_tokens),
      `${sum(ok, (s) => s.output_tokens ?? 0)} tokens`,
    ),
    check(
      `the responses are encoded as configured in nginx`,
      encodings.size === 1 && encodings.has(encoding),
      [...encodings].join(', ') || 'not at all',
    ),
    ...(expected === 'streamed' ? [await paceAgrees(ok, log), shown(summary)] : withheld(summary, expected)),
  ];
}

/** Returns the time per token as written by the server and as seen here, for each request. */
async function paceAgrees(ok: readonly Sample[], log: string): Promise<Check> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  const written = new Map(
    lines.map((line): Truth => JSON.parse(line)).map(({ id, written_us }) => [id, written_us ?? []]),
  );
  const name = "TPOT agrees with the server's log";
  const pairs = ok.flatMap((s) => {
    const theirs = written.get(s.headers?.['x-request-id']);
    return theirs === undefined ? [] : [{ ours: span(s), theirs: sum(theirs.slice(1), (gap) => gap) }];
  });
  if (pairs.length !== ok.length) return check(name, false, `${pairs.length} of ${ok.length} are in the log`);
  const mean = sum(pairs, ({ ours }) => ours) / sum(pairs, ({ theirs }) => theirs) - 1;
  const off = sorted(pairs.map(({ ours, theirs }) => Math.abs(ours / theirs - 1)));
  const median = off[off.length >> 1] ?? Number.NaN;
  const detail = `off by ${(100 * mean).toFixed(2)} % in the mean, ${(100 * median).toFixed(2)} % in the median of ${pairs.length}`;
  return check(name, Math.abs(mean) <= TPOT_TOLERANCE && median <= TPOT_TOLERANCE, detail);
}

type Summary = Awaited<ReturnType<typeof readRun>>['summary'];
const PACE = ['tpot', 'itl', 'user_tps'];

function shown({ metrics, audit }: Summary): Check {
  const missing = PACE.filter((name) => metrics[name]?.mean == null);
  const blamed = audit.reasons.filter((text) => /buffer/i.test(text));
  return check(
    'TPOT, ITL and user_tps are shown, and no buffering is reported',
    missing.length === 0 && blamed.length === 0,
    `TPOT ${round(metrics['tpot']?.mean ?? Number.NaN)} ms`,
  );
}

function withheld({ metrics, audit }: Summary, expected: Expected): Check[] {
  const left = PACE.filter(
    (name) => metrics[name]?.mean != null || metrics[name]?.why?.['p50'] !== 'buffered',
  );
  const reason = audit.reasons.find((text) => /buffered/i.test(text));
  const status = expected === 'undecidable' ? 'invalid' : 'suspect';
  // Other programs on this machine may also have disturbed the run.
  const isSo = audit.status === status || audit.reasons.some((text) => /other programs/.test(text));
  return [
    check(
      'TPOT, ITL and user_tps are withheld',
      left.length === 0,
      left.map((name) => `${name} ${metrics[name]?.mean}`).join(', ') || 'reason buffered',
    ),
    check(
      `the run is ${status} and says that streaming is buffered`,
      isSo && reason !== undefined,
      `${audit.status}: ${reason?.split('. ')[0] ?? 'not said'}`,
    ),
    check('TTFT is kept', metrics['ttft']?.mean != null, `${round(metrics['ttft']?.mean ?? Number.NaN)} ms`),
  ];
}
