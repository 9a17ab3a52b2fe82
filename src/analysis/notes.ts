import type { RunHeader, Window } from '../record/header.ts';
import type { Distribution } from './distribution.ts';
import type { AnswerLengths } from './answer-lengths.ts';
import { REQUEST_METRICS } from '../metrics/registry.ts';
import { areBundled } from '../metrics/tokens.ts';
import type { ReplicaReport, Report } from './report.ts';
import type { CacheHits } from './token-means.ts';

/** What the notes are drawn from. */
export interface NoteFacts {
  header: RunHeader;
  counts: Report['counts'];
  tokens: Report['tokens'];
  /** Requests of the cohort whose tokens per event were estimated. */
  estimated: number;
  /** Requests of the cohort whose usage had a count that was not believed, and an example of one. */
  disbelieved: { requests: number; example: string };
  /** Responses of the cohort with several choices, by their number of choices. */
  choices: ReadonlyMap<number, number>;
  lengths: AnswerLengths;
  /** `null` where no request had cached input. */
  cacheHits: CacheHits | null;
  /** Requests of the cohort that a cap held back, and the longest wait. */
  heldBack: number;
  /** Requests in flight in W that goodput cut off, and their share of the time in flight. */
  cut: { requests: number; share: number };
  window: Window;
  /** `e2e_sent` of the cohort. */
  service: Pick<Distribution, 'mean' | 'stddev'>;
  /** Empty where there was one endpoint. */
  replicas: readonly ReplicaReport[];
}

/** From here on planned and counted input tokens are called different. */
const OFF = 0.05;

/** A closed-loop rate that is further off than this is reported. */
const OFF_RATE = 0.01;

/** A chat template is shared by all requests and cached rightly; more than this is not the template. */
const CACHED = 0.2;

const COUNT = new Intl.NumberFormat('en-US');
const count = (value: number): string => COUNT.format(value);
const of = (part: number, noun: string): string => `${count(part)} ${noun}${part === 1 ? '' : 's'}`;
const were = (part: number): string => (part === 1 ? 'was' : 'were');

/** Whole sentences on what a reader must know to read the figures: those of `run.json` first, then the analysis's own. */
export function notesOn(facts: NoteFacts): string[] {
  return [
    ...facts.header.notes,
    ...whoAnswered(facts),
    ...howItEnded(facts),
    ...whatIsMissing(facts),
    ...howItWasLoaded(facts),
    ...howRatesAreOff(facts),
    ...howReplicasDid(facts),
    ...howTokensWereCounted(facts),
    ...choicesNotAskedFor(facts),
    ...howLongTheAnswersWere(facts),
  ];
}

/** What `goodput serve` says of itself in its server header. */
const SERVE = 'goodput-simulator';

/** A proxy may replace the header: without this note the endpoint is not proven to be real. */
function whoAnswered({ header: { endpoint, stopped_by } }: NoteFacts): string[] {
  if (endpoint.simulated || stopped_by === 'endpoint' || endpoint.said['server'] !== SERVE) return [];
  return [
    'The endpoint was goodput serve, as its server header says: SIMULATED, no model ran behind these numbers.',
  ];
}

function howReplicasDid({ replicas }: NoteFacts): string[] {
  const ms = (value: number | null): string =>
    value === null ? 'none' : `${Number(value.toPrecision(3))} ms`;
  return replicas.map(
    ({ url, requests, failed, ttft_p50_ms, ttft_p99_ms }) =>
      `Replica ${url}: ${of(requests, 'request')}, ${count(failed)} failed, TTFT p50 ${ms(ttft_p50_ms)}, p99 ${ms(ttft_p99_ms)}.`,
  );
}

function howItEnded({ header }: NoteFacts): string[] {
  const reason = header.reason === null ? '' : ` (${header.reason})`;
  if (header.status === 'interrupted')
    return [`The run was interrupted${reason}: the window closes at the interrupt.`];
  // The audit says so, with the fix.
  if (header.stopped_by === 'endpoint') return [];
  if (header.status === 'failed')
    return [`goodput could not finish the run${reason}: these are the requests it kept.`];
  if (header.window !== null) return [];
  return [
    'The run never closed, so it was killed or still goes on: the window ends at the last recorded instant.',
  ];
}

function whatIsMissing({ header, counts }: NoteFacts): string[] {
  const notes: string[] = [];
  if (counts.lost > 0) {
    notes.push(
      `${of(counts.lost, 'planned request')} left no record. What became of them is unknown, so attainment is a range${header.load.loop === 'closed' ? ', and the rates of completed requests and goodput may be too low' : ''}.`,
    );
  }
  if (counts.cut_missed > 0) {
    notes.push(
      `${of(counts.cut_missed, 'request')} had already broken a limit when cut by goodput: missed, but no error.`,
    );
  }
  if (counts.censored > 0) {
    notes.push(
      `${of(counts.censored, 'request')} ${were(counts.censored)} cut by goodput before anything was decided, and left out of attainment.`,
    );
  }
  return notes;
}

function howItWasLoaded({ header: { load }, heldBack }: NoteFacts): string[] {
  if (load.loop === 'closed' && isOneWave(load))
    return ['There was one wave only: all requests started at once, and none followed.'];
  if (heldBack === 0 || load.max_concurrency === null) return [];
  const cap = `The cap of ${of(load.max_concurrency, 'request')} in flight`;
  return [
    `${cap} held back ${of(heldBack, 'request')}: the server took them slower than the plan offered them.`,
  ];
}

const isOneWave = ({ requests, concurrency }: RunHeader['load']): boolean =>
  requests !== null && concurrency !== null && requests <= concurrency;

/**
 * In closed loop the rates lack the time in flight of requests that were cut off. And where all slots begin with W, none
 * starts inside a long response, so that n responses a slot count about CV² ÷ 2 too many (docs/metrics.md).
 */
function howRatesAreOff({ header: { load, status }, cut, window, service }: NoteFacts): string[] {
  if (load.loop === 'open') return [];
  const notes: string[] = [];
  const rates = 'the rates of completed requests and goodput may be about';
  if (cut.share > OFF_RATE) {
    const hint = status === 'complete' ? ' A longer drain (--drain) lets them finish.' : '';
    notes.push(
      `${of(cut.requests, 'request')} in flight in the window ${were(cut.requests)} cut off and ${cut.requests === 1 ? 'counts' : 'count'} in no rate: ${rates} ${percent(cut.share)} too low.${hint}`,
    );
  }
  const { mean, stddev } = service;
  if (mean === null || stddev === null || mean === 0 || isOneWave(load)) return notes;
  const [warmup_ms, window_ms] = [window.start_us / 1000, (window.end_us - window.start_us) / 1000];
  // A window shorter than half a response holds 1 ÷ residence of each: 1 + CV² times as many, if lengths are lognormal.
  const perSlot = (stddev / mean) ** 2 * Math.min(1, mean / (2 * window_ms));
  // W of a number of requests closes with a response, and cuts those of the other slots alone.
  const excess = load.requests === null ? perSlot : perSlot * (1 - 1 / load.concurrency!);
  if (warmup_ms < mean && window_ms > 0 && excess > OFF_RATE)
    notes.push(
      `All slots started together, and their responses differ in duration: ${rates} ${percent(excess)} too high. Warm up for a few responses (--warmup ${Math.ceil((3 * mean) / 1000)}s), or measure for longer.`,
    );
  return notes;
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;

/** The cached share of the input, where synthetic prompts without a shared prefix should have none worth naming; else `null`. */
function servedFromCache(
  { scenario }: RunHeader,
  counts: Report['counts'],
  tokens: Report['tokens'],
): number | null {
  const workload = scenario['workload'];
  const declared =
    typeof workload === 'object' && workload !== null && ('prefix' in workload || 'prompts' in workload);
  const input = (tokens.input.actual_mean ?? 0) * counts.sent;
  if (declared || tokens.cached === null || input === 0) return null;
  const share = tokens.cached / input;
  return share > CACHED ? share : null;
}

/**
 * Prompts that were seen before are cached as a whole; a chat template is a part of the input, and the same in all requests. A prompt
 * may begin with the same word as the one before it, and then a token or two more are cached (llama.cpp: 24 or 25).
 */
const MOST_TEMPLATE = 0.9;
const TEMPLATE_SPREAD = 3;

/** Requests that came before the template was cached have no cached input: at most a fifth of all. */
const isTemplate = ({ least, most, requests, uncached }: CacheHits, input: number): boolean =>
  most - least <= TEMPLATE_SPREAD && most < MOST_TEMPLATE * input && 4 * uncached <= requests;

function howTokensWereCounted(facts: NoteFacts): string[] {
  const { header, counts, tokens, estimated, disbelieved, cacheHits } = facts;
  const notes: string[] = [];
  if (disbelieved.requests > 0) {
    notes.push(
      `In ${count(disbelieved.requests)} of ${of(counts.cohort, 'request')} the server's usage has a count that is impossible and was ignored (${disbelieved.example}).`,
    );
  }
  const { planned_mean: planned, actual_mean: actual } = tokens.input;
  if (planned !== null && actual !== null && Math.abs(actual - planned) > OFF * planned) {
    notes.push(`Requests had ${round(actual)} input tokens on average where ${round(planned)} were planned.`);
  }
  const cached = servedFromCache(header, counts, tokens);
  if (cached !== null && cacheHits !== null && actual !== null && isTemplate(cacheHits, actual)) {
    const { least, most, requests, uncached } = cacheHits;
    const each = least === most ? count(most) : `${count(least)} to ${count(most)}`;
    const whose =
      uncached === 0 ? 'every request' : `${count(requests)} of ${of(requests + uncached, 'request')}`;
    notes.push(
      `The server had ${each} input tokens of ${whose} in its prefix cache, ${Math.round(cached * 100)}% of the input: probably the chat template, which all requests share.`,
    );
  } else if (cached !== null) {
    notes.push(
      `The server had ${Math.round(cached * 100)}% of the input tokens in its prefix cache, although no prefix was asked for: it may have seen this seed's prompts before, which makes TTFT look better. Another --seed asks anew.`,
    );
  }
  const sources = Object.entries(tokens.from);
  if (sources.length > 1) {
    const list = sources.map(([source, requests]) => `${source} ${count(requests)}`).join(', ');
    notes.push(
      `Output tokens come from more than one source (${list}): token figures mix different ways of counting.`,
    );
  } else if (tokens.from.events !== undefined) {
    notes.push(
      `The endpoint reports no token counts: figures by token are per event, and an event may carry several tokens.${severalWords(tokens)}`,
    );
  }
  if (tokens.hidden !== null && tokens.hidden > 0) {
    notes.push(
      `${of(tokens.hidden, 'reasoning token')} ${were(tokens.hidden)} counted and never streamed: decoding speeds are over the visible ones.`,
    );
  }
  if (estimated > 0) {
    notes.push(
      `In ${count(estimated)} of ${of(counts.cohort, 'request')} events carried unequal, uncounted numbers of tokens: itl spreads them evenly.`,
    );
  }
  return notes;
}

/** Compares the choices that came with the `n` of the request bodies, which is 1 unless the user's own body says otherwise. */
function choicesNotAskedFor({ header, counts, choices }: NoteFacts): string[] {
  const asked = choicesAsked(header);
  const more = [...choices].filter(([number]) => number > asked);
  if (more.length === 0) return [];
  const requests = more.reduce((sum, [, number]) => sum + number, 0);
  const most = Math.max(...more.map(([number]) => number));
  return [
    `${count(requests)} of ${of(counts.sent, 'request')} got ${more.length === 1 ? count(most) : `up to ${count(most)}`} choices ("index" values) where ${count(asked)} ${were(asked)} asked for: tokens and events of all of them are counted together, so TPOT and ITL are those of no single answer. SendTrial --body n=${asked}.`,
  ];
}

/** Returns the fields that the user adds to the body of every request. */
function bodyOf({ scenario }: RunHeader): object {
  const endpoint = scenario['endpoint'];
  const body: unknown =
    typeof endpoint === 'object' && endpoint !== null ? Reflect.get(endpoint, 'body') : null;
  return typeof body === 'object' && body !== null ? body : {};
}

function choicesAsked(header: RunHeader): number {
  const n: unknown = Reflect.get(bodyOf(header), 'n');
  return typeof n === 'number' ? n : 1;
}

/** Request metrics that are wrong where an event has several tokens. */
const WRONG_PER_EVENT = REQUEST_METRICS.filter(({ needsTokens }) => needsTokens).map(({ name }) => name);

function severalWords({ words_per_event: words = null }: Report['tokens']): string {
  return words === null || !areBundled(words, 1)
    ? ''
    : ` Their text has ${Number(words.toPrecision(2))} words per event, so ${WRONG_PER_EVENT.join(', ')} and the rates of output tokens would be wrong and are left out.`;
}

/** Returns true if the limit of a request is the planned length: the user's body may set another one, or ask for several answers. */
function isLimited(header: RunHeader): boolean {
  const body = bodyOf(header);
  return OWN_LENGTH.every((key) => !Object.hasOwn(body, key));
}

const OWN_LENGTH = ['n', 'best_of', 'max_tokens', 'max_completion_tokens', 'max_output_tokens', 'min_tokens'];

function howLongTheAnswersWere({ header, counts, tokens, lengths }: NoteFacts): string[] {
  const workload = header.scenario['workload'];
  const isExact =
    typeof workload === 'object' && workload !== null && Reflect.get(workload, 'exactOutput') === true;
  const { planned_mean: planned, actual_mean: actual } = tokens.output;
  const unit = tokens.unit === 'event' ? 'events' : 'tokens';
  const means =
    planned === null || actual === null
      ? ''
      : ` (${round(actual)} ${unit} on average, ${round(planned)} planned)`;
  const notes: string[] = [];
  const { shorter, longer, unmarked, reasons } = lengths;
  if (isExact && shorter > 0)
    notes.push(
      `${count(shorter)} of ${of(counts.ok, 'answer')} ${were(shorter)} shorter than asked for, although exact output was: this server does not keep ignore_eos or min_tokens${means}.`,
    );
  if (!isLimited(header)) return notes;
  if (longer > 0)
    notes.push(
      `${count(longer)} of ${of(counts.ok, 'answer')} ${were(longer)} longer than the limit of output tokens${means}: this server ignores the limit, so the requests are more work than planned.`,
    );
  if (2 * unmarked > lengths.planned)
    notes.push(
      `${count(unmarked)} of ${of(counts.ok, 'answer')} ended at exactly the limit of output tokens with the finish reason ${[...reasons].join(', ')}: this server does not report that the limit cut them off.`,
    );
  return notes;
}

const round = (value: number): string => count(Math.round(value));
