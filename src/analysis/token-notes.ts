import { brief, count, plural, share } from '../numbers.ts';
import { REQUEST_METRICS } from '../metrics/registry.ts';
import { areBundled } from '../metrics/response-tokens.ts';
import type { RunHeader } from '../record/header.ts';
import type { AnswerLengths } from './answer-lengths.ts';
import { type Note, objectAt, wasOrWere } from './note.ts';
import type { Report } from './report.ts';
import type { CacheHits } from './token-means.ts';

/** The facts that the notes on tokens and on the length of answers are made from. */
export interface TokenFacts {
  header: RunHeader;
  counts: Report['counts'];
  tokens: Report['tokens'];
  /** Requests of the cohort whose tokens per event were estimated. */
  estimated: number;
  /** Requests of the cohort whose usage had an impossible count, and an example of one. */
  disbelieved: { requests: number; example: string };
  /** Responses of the cohort with several choices, by their number of choices. */
  choices: ReadonlyMap<number, number>;
  lengths: AnswerLengths;
  /** `null` if no request had cached input. */
  cacheHits: CacheHits | null;
}

/** Returns the notes on how tokens were counted, and on answers that differ from the plan. */
export const tokenNotes = (facts: TokenFacts): Note[] => [
  ...inputNotes(facts),
  ...sourceNotes(facts),
  ...choiceNotes(facts),
  ...answerNotes(facts),
];

/** The relative difference of planned and counted input tokens above which it is reported. */
const INPUT_DIFFERENCE = 0.05;

function inputNotes(facts: TokenFacts): Note[] {
  const { counts, tokens, disbelieved } = facts;
  const notes: Note[] = [];
  if (disbelieved.requests > 0) {
    const text = `In ${count(disbelieved.requests)} of ${plural(counts.cohort, 'request')} the server's usage has an impossible count, which was ignored (${disbelieved.example}).`;
    notes.push({ code: 'invalid_usage', text });
  }
  const { planned_mean: planned, actual_mean: actual } = tokens.input;
  if (planned !== null && actual !== null && Math.abs(actual - planned) > INPUT_DIFFERENCE * planned) {
    const text = `Requests had ${count(actual)} input tokens on average where ${count(planned)} were planned.`;
    notes.push({ code: 'input_length', text });
  }
  return notes.concat(cacheNotes(facts));
}

/** A chat template is shared by all requests and therefore cached; a larger cached share of the input is not the template. */
const CACHED_SHARE = 0.2;

/**
 * A prompt that the server has seen before is cached completely; a chat template is only a part of the input, and is the same in all
 * requests. If a prompt begins with the same word as the one before it, a token or two more are cached (llama.cpp: 24 or 25).
 */
const TEMPLATE_SHARE = 0.9;
const TEMPLATE_SPREAD = 3;

/** Requests that arrived before the template was cached have no cached input: at most a fifth of all. */
const isTemplate = ({ least, most, requests, uncached }: CacheHits, input: number): boolean =>
  most - least <= TEMPLATE_SPREAD && most < TEMPLATE_SHARE * input && 4 * uncached <= requests;

/** Returns a note if much of the input was cached although the synthetic prompts have no shared prefix. */
function cacheNotes({ header, counts, tokens, cacheHits }: TokenFacts): Note[] {
  const workload = objectAt(header, 'workload');
  const input = tokens.input.actual_mean ?? 0;
  if (['prefix', 'prompts', 'data', 'sessions'].some((key) => key in workload)) return [];
  if (tokens.cached === null || cacheHits === null || input * counts.sent === 0) return [];
  const cached = tokens.cached / (input * counts.sent);
  if (cached <= CACHED_SHARE) return [];
  if (isTemplate(cacheHits, input)) {
    const { least, most, requests, uncached } = cacheHits;
    const each = least === most ? count(most) : `${count(least)} to ${count(most)}`;
    const which =
      uncached === 0 ? 'every request' : `${count(requests)} of ${plural(requests + uncached, 'request')}`;
    const text = `The server had ${each} input tokens of ${which} in its prefix cache, ${share(cached)} of the input: probably the chat template, which all requests share.`;
    return [{ code: 'cached_template', text }];
  }
  const text = `The server had ${share(cached)} of the input tokens in its prefix cache, although no prefix was configured: it may have seen the prompts of this seed before, which shortens TTFT. Use another --seed for new prompts.`;
  return [{ code: 'cached_prompts', text }];
}

function sourceNotes({ counts, tokens, estimated }: TokenFacts): Note[] {
  const notes: Note[] = [];
  const sources = Object.entries(tokens.from);
  if (sources.length > 1) {
    const list = sources.map(([source, requests]) => `${source} ${count(requests)}`).join(', ');
    const text = `Output tokens come from more than one source (${list}): token figures mix different ways of counting.`;
    notes.push({ code: 'mixed_token_sources', text });
  } else if (tokens.from.events !== undefined) {
    const text = `The endpoint reports no token counts: token figures are per event, and an event may carry several tokens.${severalWords(tokens)}`;
    notes.push({ code: 'events_as_tokens', text });
  }
  if (tokens.hidden !== null && tokens.hidden > 0) {
    const text = `${plural(tokens.hidden, 'reasoning token')} ${wasOrWere(tokens.hidden)} counted and never streamed: decoding speeds are over the visible tokens.`;
    notes.push({ code: 'hidden_tokens', text });
  }
  if (estimated > 0) {
    const text = `In ${count(estimated)} of ${plural(counts.cohort, 'request')} events carried unequal, uncounted numbers of tokens: itl spreads them evenly.`;
    notes.push({ code: 'estimated_tokens', text });
  }
  return notes;
}

/** Request metrics that are wrong if an event has several tokens. */
const WRONG_PER_EVENT = REQUEST_METRICS.filter(({ needsTokens }) => needsTokens).map(({ name }) => name);

function severalWords({ words_per_event: words = null }: Report['tokens']): string {
  if (words === null || !areBundled(words, 1)) return '';
  return ` Their text has ${brief(words, 2)} words per event, so ${WRONG_PER_EVENT.join(', ')} and the rates of output tokens would be wrong and are omitted.`;
}

/** Compares the choices that came with the `n` of the request bodies, which is 1 unless the user's own body sets it. */
function choiceNotes({ header, counts, choices }: TokenFacts): Note[] {
  const n: unknown = Reflect.get(bodyOf(header), 'n');
  const requested = typeof n === 'number' ? n : 1;
  const extra = [...choices].filter(([number]) => number > requested);
  if (extra.length === 0) return [];
  const requests = extra.reduce((sum, [, number]) => sum + number, 0);
  const most = Math.max(...extra.map(([number]) => number));
  const got = extra.length === 1 ? count(most) : `up to ${count(most)}`;
  const text = `${count(requests)} of ${plural(counts.sent, 'request')} got ${got} choices ("index" values) where ${count(requested)} ${wasOrWere(requested)} requested: the tokens and events of all choices are counted together, so TPOT and ITL are not those of a single answer. Try --body n=${requested}.`;
  return [{ code: 'extra_choices', text }];
}

function answerNotes({ header, counts, tokens, lengths }: TokenFacts): Note[] {
  const { planned_mean: planned, actual_mean: actual } = tokens.output;
  const unit = tokens.unit === 'event' ? 'events' : 'tokens';
  const means =
    planned === null || actual === null
      ? ''
      : ` (${count(actual)} ${unit} on average, ${count(planned)} planned)`;
  const { shorter, longer, unmarked, reasons } = lengths;
  const answers = plural(counts.ok, 'answer');
  const notes: Note[] = [];
  if (Reflect.get(objectAt(header, 'workload'), 'exactOutput') === true && shorter > 0) {
    const text = `${count(shorter)} of ${answers} ${wasOrWere(shorter)} shorter than planned, although exact output was requested: this server ignores ignore_eos or min_tokens${means}.`;
    notes.push({ code: 'short_answers', text });
  }
  if (hasOwnLimit(header)) return notes;
  if (longer > 0) {
    const text = `${count(longer)} of ${answers} ${wasOrWere(longer)} longer than the limit of output tokens${means}: this server ignores the limit, so the requests are more work than planned.`;
    notes.push({ code: 'long_answers', text });
  }
  if (2 * unmarked > lengths.planned) {
    const text = `${count(unmarked)} of ${answers} ended at exactly the limit of output tokens with the finish reason ${[...reasons].join(', ')}: this server does not report that the limit cut them off.`;
    notes.push({ code: 'unreported_limit', text });
  }
  return notes;
}

/** Body fields that replace the planned limit of output tokens, or request several answers. */
const LIMIT_FIELDS = [
  'n',
  'best_of',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'min_tokens',
];

function hasOwnLimit(header: RunHeader): boolean {
  const body = bodyOf(header);
  return LIMIT_FIELDS.some((key) => Object.hasOwn(body, key));
}

/** Returns the fields that the user adds to the body of every request. */
function bodyOf(header: RunHeader): object {
  const body: unknown = Reflect.get(objectAt(header, 'endpoint'), 'body');
  return typeof body === 'object' && body !== null ? body : {};
}
