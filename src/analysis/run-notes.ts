import { count, duration, plural, rounded, share } from '../numbers.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { Distribution } from './distribution.ts';
import { isByCount } from './cohort.ts';
import { importedNote } from './imported-note.ts';
import { type Note, wasOrWere } from './note.ts';
import type { ReplicaReport } from './report.ts';
import { type TokenFacts, tokenNotes } from './token-notes.ts';

/** The facts that the notes are made from. */
export interface NoteFacts extends TokenFacts {
  /** Requests of the cohort that a cap held back. */
  heldBack: number;
  /** Requests in flight in W that goodput cut off, and their share of the time in flight. */
  cut: { requests: number; share: number };
  window: Window;
  /** `e2e_sent` of the cohort. */
  service: Pick<Distribution, 'mean' | 'stddev'>;
  /** Empty for one endpoint. */
  replicas: readonly ReplicaReport[];
}

/** The relative error of a closed-loop rate above which it is reported. */
const RATE_ERROR = 0.01;

/** Returns the notes of a run: first those of an import and of `run.json`, then those of the analysis. */
export function notesOn(facts: NoteFacts): Note[] {
  return [
    ...(facts.header.imported === undefined ? [] : [importedNote(facts.header.imported)]),
    ...facts.header.notes.map((text): Note => ({ code: 'from_run', text })),
    ...rankNotes(facts.header),
    ...serverNotes(facts),
    ...endingNotes(facts),
    ...missingNotes(facts),
    ...loadNotes(facts),
    ...rateNotes(facts),
    ...facts.replicas.map(replicaNote),
    ...tokenNotes(facts),
  ];
}

/** Returns the note on a rank, or on the ranks that were merged. */
function rankNotes({ rank, ranks }: RunHeader): Note[] {
  if (rank !== undefined && rank.of > 1) {
    const text = `This is rank ${rank.index} of ${rank.of}: the figures are those of its share of the load, and no gate judges them. goodput merge joins the ranks.`;
    return [{ code: 'ranks', text }];
  }
  if (ranks === undefined || ranks.each.every(({ id }) => id === null)) return [];
  const within = rounded(ranks.starts_within_ms, 2);
  const hosts = new Set(ranks.each.flatMap(({ environment }) => JSON.stringify(environment) ?? []));
  const same =
    ranks.starts_within_ms === 0
      ? 'started at the same instant'
      : `started within ${within} ms of each other`;
  const by = ranks.met ? '' : ' by their wall clocks; they did not meet (--meet)';
  const machines = hosts.size > 1 ? ` There are ${hosts.size} kinds of machine.` : '';
  return [{ code: 'ranks', text: `Merged from ${ranks.of} ranks, which ${same}${by}.${machines}` }];
}

/** The server header of `goodput serve`. */
const SIMULATOR = 'goodput-simulator';

/** A proxy may replace the header: without this note the endpoint is not proven to be real. */
function serverNotes({ header: { endpoint, stopped_by } }: NoteFacts): Note[] {
  if (endpoint.simulated || stopped_by === 'endpoint' || endpoint.said['server'] !== SIMULATOR) return [];
  const text =
    'The endpoint was goodput serve, according to its server header: SIMULATED, no model ran behind these figures.';
  return [{ code: 'simulated_server', text }];
}

function endingNotes({ header }: NoteFacts): Note[] {
  const reason = header.reason === null ? '' : ` (${header.reason})`;
  if (header.status === 'interrupted')
    return [
      {
        code: 'interrupted',
        text: `The run was interrupted${reason}. The window ends at the interrupt.`,
      },
    ];
  // The audit reports it, with the fix.
  if (header.stopped_by === 'endpoint') return [];
  if (header.status === 'failed')
    return [
      {
        code: 'failed',
        text: `goodput could not finish the run${reason}. The figures cover the requests that were recorded.`,
      },
    ];
  if (header.window !== null) return [];
  const text =
    'The run never closed: it was killed or is still running. The window ends at the last recorded instant.';
  return [{ code: 'never_closed', text }];
}

function missingNotes({ header, counts }: NoteFacts): Note[] {
  const notes: Note[] = [];
  if (counts.lost > 0) {
    const rates =
      header.load.loop === 'closed' ? ', and the rates of completed requests and goodput may be too low' : '';
    const text = `${plural(counts.lost, 'planned request')} left no record. The results are unknown, so attainment is a range${rates}.`;
    notes.push({ code: 'lost', text });
  }
  if (counts.cut_missed > 0) {
    const text = `${plural(counts.cut_missed, 'request')} had already exceeded a limit when goodput cut them off: counted as missed, not as errors.`;
    notes.push({ code: 'cut_missed', text });
  }
  if (counts.censored > 0) {
    const text = `${plural(counts.censored, 'request')} ${wasOrWere(counts.censored)} cut off by goodput before the SLOs were decided: not counted in attainment.`;
    notes.push({ code: 'censored', text });
  }
  return notes;
}

function loadNotes({ header: { load }, heldBack }: NoteFacts): Note[] {
  if (load.loop === 'closed' && isOneWave(load)) {
    const text = 'There was only one wave: all requests started together, and none followed.';
    return [{ code: 'one_wave', text }];
  }
  if (heldBack === 0 || load.max_concurrency === null) return [];
  const cap = plural(load.max_concurrency, 'request');
  const text = `The cap of ${cap} in flight held back ${plural(heldBack, 'request')}: the server completed them more slowly than the plan offered them.`;
  return [{ code: 'held_back', text }];
}

const isOneWave = ({ requests, sessions, concurrency }: RunHeader['load']): boolean => {
  const places = requests ?? sessions ?? null;
  return places !== null && concurrency !== null && places <= concurrency;
};

/**
 * Returns notes on errors of closed-loop rates. Rates do not count the time in flight of requests that were cut off. If all slots start
 * with W, no response is already in progress then, so n responses per slot count about CV² ÷ 2 too many (docs/metrics.md).
 */
function rateNotes({ header: { load, status }, cut, window, service }: NoteFacts): Note[] {
  if (load.loop === 'open') return [];
  const notes: Note[] = [];
  const rates = 'the rates of completed requests and goodput may be about';
  if (cut.share > RATE_ERROR) {
    const hint = status === 'complete' ? ' A longer drain (--drain) lets them finish.' : '';
    const counts = cut.requests === 1 ? 'counts' : 'count';
    const text = `${plural(cut.requests, 'request')} in flight in the window ${wasOrWere(cut.requests)} cut off and ${counts} in no rate: ${rates} ${share(cut.share, 1)} too low.${hint}`;
    notes.push({ code: 'cut_in_flight', text });
  }
  const { mean, stddev } = service;
  if (mean === null || stddev === null || mean === 0 || isOneWave(load)) return notes;
  const [warmup_ms, window_ms] = [window.start_us / 1000, (window.end_us - window.start_us) / 1000];
  // A window shorter than half a response holds 1 ÷ residence of each: 1 + CV² times as many, if lengths are lognormal.
  const perSlot = (stddev / mean) ** 2 * Math.min(1, mean / (2 * window_ms));
  // A window of N requests ends with a response, and cuts off only those of the other slots.
  const excess = isByCount(load) ? perSlot * (1 - 1 / load.concurrency!) : perSlot;
  if (warmup_ms < mean && window_ms > 0 && excess > RATE_ERROR) {
    const text = `All slots started together, and their responses differ in duration: ${rates} ${share(excess, 1)} too high. Warm up for a few responses (--warmup ${Math.ceil((3 * mean) / 1000)}s), or measure for longer.`;
    notes.push({ code: 'synchronized_slots', text });
  }
  return notes;
}

function replicaNote({ url, requests, failed, ttft_p50_ms, ttft_p99_ms }: ReplicaReport): Note {
  const text = `Replica ${url}: ${plural(requests, 'request')}, ${count(failed)} failed, TTFT p50 ${duration(ttft_p50_ms)}, p99 ${duration(ttft_p99_ms)}.`;
  return { code: 'replica', text };
}
