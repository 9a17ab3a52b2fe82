/** Compares a run through LiteLLM with the record of the llama.cpp server behind it. The difference is LiteLLM's. */
import type { ApiName } from '../../src/client/api/api.ts';
import {
  type Check,
  check,
  divide,
  everyAnswerHasItsLength,
  everyCountComesFromUsage,
  everyEventHoldsAToken,
  everyRequestSucceeded,
  first,
  meanTpotAgrees,
  neverEarlier,
  noFirstTokenBeforeItsPrompt,
  preflightIsWhole,
  readRun,
  round,
  type Sample,
  sum,
  tokensAddUp,
} from './check.ts';
import type { ServerTiming, ServerWork } from './server-view.ts';

/** In two of the APIs LiteLLM reports answers that reached their limit as ended by themselves. */
const FINISH_AT_LIMIT: Record<ApiName, string> = {
  chat: 'length',
  completions: 'length',
  responses: 'completed',
  messages: 'end_turn',
};

// LiteLLM delays the first and the last token by different times, so it lengthens or shortens the stream; its Python
// process is interleaved with everything else that runs. 23 gaps of 8 ms are 184 ms.
const TPOT_TOLERANCE = 0.15;

interface GatewayRun {
  dir: string;
  api: ApiName;
  work: ServerWork;
  timings: readonly ServerTiming[];
}

export async function checkGatewayRun({ dir, api, work, timings }: GatewayRun): Promise<Check[]> {
  const { run, summary, samples } = await readRun(dir);
  const ok = samples.filter((sample) => sample.outcome === 'ok');
  const { before, served } = divide(samples, timings);
  return [
    check('the run is complete', run.status === 'complete', run.status),
    everyRequestSucceeded(samples, ok),
    everyCountComesFromUsage(ok),
    hidesLimit(api) ? noAnswerIsLonger(ok, FINISH_AT_LIMIT[api]) : everyAnswerHasItsLength(ok, ['length']),
    preflightIsWhole(run, before),
    ...tokensAddUp(samples, work, before),
    everyEventHoldsAToken(ok),
    noFirstTokenBeforeItsPrompt(ok, served),
    // Uses the end, not the last event: a token that ends the answer, or a part of a character, has no event.
    neverEarlier(
      'no response ends before its last token is computed',
      ok.map((s) => s.ended_us - (s.sent_us ?? Number.NaN)),
      served.map((t) => t.promptMs + t.outputMs),
    ),
    meanTpotAgrees(ok, served, TPOT_TOLERANCE),
    ownDelay(ok, served),
    notesAreRight(api, summary.notes),
  ];
}

/**
 * Returns the time between the send and the first token beyond the prompt's computation, and checks that it is above
 * zero.
 */
function ownDelay(ok: Parameters<typeof first>[0][], served: readonly ServerTiming[]): Check {
  const ttft = sum(ok, (s) => first(s) - (s.sent_us ?? Number.NaN)) / ok.length / 1000;
  const prompt = sum(served, (t) => t.promptMs) / served.length;
  const told = ok.map((s) => Number(s.headers?.['x-litellm-overhead-duration-ms'] ?? Number.NaN));
  const own = told.some(Number.isNaN) ? 'not told' : `${round(sum(told, (ms) => ms) / told.length)} ms`;
  const delay = ttft - prompt;
  return check(
    'the gateway’s delay before the first token',
    delay > 0,
    `${round(delay)} ms of ${round(ttft)} ms; by its own header ${own}`,
  );
}

/** These APIs lose `ignore_eos`: an answer may end by itself, and one that did not has the same finish reason. */
const hidesLimit = (api: ApiName): boolean => FINISH_AT_LIMIT[api] !== 'length';

function noAnswerIsLonger(ok: readonly Sample[], finish: string): Check {
  const good = ok.filter((s) => (s.output_tokens ?? Infinity) <= s.planned_output && s.finish === finish);
  const full = ok.filter((s) => s.output_tokens === s.planned_output).length;
  return check(
    'no answer is longer than asked for',
    good.length === ok.length && full > 0,
    `${full} of ${ok.length} end at the limit`,
  );
}

/**
 * Checks the notes: through two of the APIs llama.cpp caches the chat template, and the gateway's finish reasons hide
 * that the limit was reached. Both are reported, and nothing else.
 */
function notesAreRight(api: ApiName, notes: readonly string[]): Check {
  const [limit, cache] = [/exactly the limit/, /prefix cache/];
  // A character of several tokens is one event; on a busy machine a response takes longer than the warm-up.
  const always = /carried unequal|started together/;
  const others = notes
    .filter((text) => !always.test(text))
    .filter((text) => !hidesLimit(api) || !(limit.test(text) || cache.test(text)));
  const isSaid =
    !hidesLimit(api) || notes.some((text) => limit.test(text) && text.includes(FINISH_AT_LIMIT[api]));
  const isBlamed = notes.some((text) => /seed/.test(text));
  return check(
    'the notes are right',
    others.length === 0 && isSaid && !isBlamed,
    notes.join(' | ') || 'none',
  );
}
