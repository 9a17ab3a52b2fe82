/**
 * Compares goodput's record of a run with the server's. Both read the same machine's monotonic clock, so their
 * difference is the path through two processes and a loopback socket.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerTiming, ServerWork } from './server-view.ts';

export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

/** The lines of samples.jsonl and the keys of run.json and summary.json that the checks read. */
export interface Sample {
  planned_us: number;
  sent_us?: number | null;
  headers_us?: number | null;
  ended_us: number;
  events_us?: number[];
  outcome: string;
  finish?: string | null;
  error?: { message: string };
  input_tokens?: number | null;
  cached_tokens?: number | null;
  output_tokens?: number | null;
  tokens_from?: string;
  planned_output: number;
  usage?: { completion_tokens?: number; output_tokens?: number };
  server_timing?: { prefill_ms?: number; decode_ms?: number };
  headers?: Record<string, string>;
}
export interface Run {
  status: string;
  probe: { requests: number } | null;
  endpoint: { model: string; said: { models?: string[]; models_problem?: string } };
  window: { start_us: number; end_us: number };
}
export interface Summary {
  load: { loop: 'open' | 'closed' };
  metrics: Record<
    string,
    { count: number; mean: number | null; p50: number | null; why?: Record<string, string> } | null
  >;
  audit: { status: string; reasons: string[] };
  notes: string[];
}

interface RunUnderCheck {
  dir: string;
  work: ServerWork; // over the run, including the preflight
  timings: readonly ServerTiming[]; // of all its requests, the preflight first
  isProxied?: boolean;
}

// A stamp is late by the time until the client's process gets a core: under a few milliseconds of the 300 ms or more
// that an answer takes. Measured, also with both cores busy: 0.01 to 0.3 % for the mean, up to 0.12 % for the median.
// A division by N instead of N − 1 would be 4.2 % of 24 tokens.
const TPOT_TOLERANCE = 0.01;
// The server logs hundredths of a millisecond, and its counters have six significant digits.
const ROUNDING_MS = 0.02;

export async function checkRun({ dir, work, timings, isProxied = false }: RunUnderCheck): Promise<Check[]> {
  const { run, summary, samples } = await readRun(dir);
  const ok = samples.filter((sample) => sample.outcome === 'ok');
  const { before, served } = divide(samples, timings);

  return [
    check('the run is complete', run.status === 'complete', run.status),
    everyRequestSucceeded(samples, ok),
    everyCountComesFromUsage(ok),
    everyAnswerHasItsLength(ok, ['length']),
    preflightIsWhole(run, before),
    ...tokensAddUp(samples, work, before),
    noPromptWasCached(ok, work),
    everyEventHoldsAToken(ok),
    meanTpotAgrees(ok, served, TPOT_TOLERANCE),
    medianTpotAgrees(ok, served),
    noFirstTokenBeforeItsPrompt(ok, served),
    headersMarkThePromptsStart(ok, served, isProxied ? 0.1 : 0.02),
    summaryAgrees('ttft', (s) => first(s) - startOf(summary, s), samples, run, summary),
    summaryAgrees('tpot', (s) => span(s) / ((s.output_tokens ?? 0) - 1), samples, run, summary),
  ];
}

export async function readRun(dir: string): Promise<{ run: Run; summary: Summary; samples: Sample[] }> {
  const run: Run = JSON.parse(await readFile(join(dir, 'run.json'), 'utf8'));
  const summary: Summary = JSON.parse(await readFile(join(dir, 'summary.json'), 'utf8'));
  const lines = (await readFile(join(dir, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
  return { run, summary, samples: lines.map((line): Sample => JSON.parse(line)) };
}

/** Returns the server's timings of the preflight and of the run: sequential, so in order. */
export function divide(
  samples: readonly Sample[],
  timings: readonly ServerTiming[],
): { before: readonly ServerTiming[]; served: readonly ServerTiming[] } {
  // A request whose connection broke before its response has none.
  const reached = samples.filter((sample) => sample.outcome !== 'connect').length;
  const at = Math.max(0, timings.length - reached);
  return { before: timings.slice(0, at), served: timings.slice(at) };
}

export function everyRequestSucceeded(samples: Sample[], ok: Sample[]): Check {
  const bad = samples.find((sample) => sample.outcome !== 'ok');
  const why =
    bad === undefined ? '' : `, the first other: ${bad.outcome} (${bad.error?.message ?? 'no message'})`;
  return check(
    'every request succeeded',
    ok.length === samples.length,
    `${ok.length} of ${samples.length}${why}`,
  );
}

export function everyCountComesFromUsage(ok: Sample[]): Check {
  const good = ok.filter(
    (s) =>
      s.tokens_from === 'usage' && (s.usage?.completion_tokens ?? s.usage?.output_tokens) === s.output_tokens,
  );
  return check(
    'every token count is the one of its usage',
    good.length === ok.length,
    `${good.length} of ${ok.length}`,
  );
}

export function everyAnswerHasItsLength(ok: Sample[], finishes: readonly string[]): Check {
  const good = ok.filter((s) => s.output_tokens === s.planned_output && finishes.includes(s.finish ?? ''));
  return check(
    'every answer has the length asked for',
    good.length === ok.length,
    `${good.length} of ${ok.length}`,
  );
}

/** Checks that the preflight has as many requests as the server served in addition to the samples. */
export function preflightIsWhole({ probe }: Run, before: readonly ServerTiming[]): Check {
  const asked = probe?.requests ?? 0;
  return check(
    'the server served as many requests before the run as goodput says it sent',
    before.length === asked,
    `${before.length} of ${asked}`,
  );
}

/**
 * Checks token counts exactly: the server computes counters and usage with the same code, including warm-up and
 * drain. The preflight is in no sample: one or two tokens, and 16 more for the request that tries whether events can
 * carry counts.
 */
export function tokensAddUp(samples: Sample[], work: ServerWork, before: readonly ServerTiming[]): Check[] {
  const agree = (what: string, ours: number, preflight: number, servers: number): Check =>
    check(
      `${what} tokens add up to the server's`,
      ours + preflight === servers,
      `${ours} and ${preflight} before the run, of ${servers}`,
    );
  return [
    agree(
      'output',
      sum(samples, (s) => s.output_tokens ?? 0),
      sum(before, (t) => t.outputTokens),
      work.outputTokens,
    ),
    agree(
      'input',
      sum(samples, computedInput),
      sum(before, (t) => t.promptTokens),
      work.promptTokens,
    ),
  ];
}

/** Checks that the scenario's `cache_prompt: false` reached the server, also in the preflight. */
function noPromptWasCached(ok: Sample[], work: ServerWork): Check {
  const ours = sum(ok, (s) => s.cached_tokens ?? 0);
  const detail = `${ours} tokens by usage, ${work.cachedTokens} by the counters`;
  return check('no prompt came from a cache', ours === 0 && work.cachedTokens === 0, detail);
}

/**
 * Checks that no event has less than one token. An event may have several (llama.cpp holds a character back until it
 * is complete).
 */
export function everyEventHoldsAToken(ok: Sample[]): Check {
  const events = sum(ok, (s) => s.events_us?.length ?? 0);
  const tokens = sum(ok, (s) => s.output_tokens ?? 0);
  const none = ok.filter((s) => (s.events_us?.length ?? 0) > (s.output_tokens ?? 0)).length;
  const share = events / tokens;
  // If an answer begins or ends with such a character, TPOT is off by a token in 23; only a few may, or the bound is
  // meaningless.
  return check(
    'nearly every token has its event',
    none === 0 && share >= 0.98,
    `${events} events, ${tokens} tokens`,
  );
}

/**
 * Checks the time per token over all requests together. llama.cpp also counts its time from the first token, so over
 * N − 1.
 */
export function meanTpotAgrees(ok: Sample[], served: readonly ServerTiming[], tolerance: number): Check {
  const tokens = sum(served, (t) => t.outputTokens - 1);
  const theirs = sum(served, (t) => t.outputMs) / tokens;
  const ours = sum(ok, span) / sum(ok, (s) => (s.output_tokens ?? 0) - 1) / 1000;
  return close(`mean TPOT agrees with the server's`, ours, theirs, tolerance * theirs);
}

/** Compares ranks, because the stream does not identify the server's task: the k-th fastest with its k-th. */
function medianTpotAgrees(ok: Sample[], served: readonly ServerTiming[]): Check {
  const name = `TPOT agrees request by request`;
  if (served.length !== ok.length)
    return check(name, false, `${served.length} timings for ${ok.length} requests`);
  const ours = sorted(ok.map((s) => span(s) / ((s.output_tokens ?? 0) - 1) / 1000));
  const theirs = sorted(served.map((t) => t.outputMs / (t.outputTokens - 1)));
  const off = sorted(ours.map((value, k) => Math.abs(value / (theirs[k] ?? 0) - 1)));
  const median = off[off.length >> 1] ?? Number.NaN;
  const worst = off.at(-1) ?? Number.NaN;
  return check(
    name,
    median <= TPOT_TOLERANCE,
    `off by ${percent(median)} in the median, ${percent(worst)} at most`,
  );
}

/**
 * Checks that no first token arrives before the server has computed it. Comparing by rank is valid: x ≥ y for each
 * pair keeps ranks.
 */
export function noFirstTokenBeforeItsPrompt(ok: Sample[], served: readonly ServerTiming[]): Check {
  return neverEarlier(
    'no first token arrives before its prompt is computed',
    ok.map((s) => first(s) - (s.sent_us ?? Number.NaN)),
    served.map((t) => t.promptMs),
  );
}

/** @param ours in microseconds; the server's is in milliseconds */
export function neverEarlier(name: string, ours: readonly number[], theirs: readonly number[]): Check {
  if (ours.length !== theirs.length)
    return check(name, false, `${theirs.length} timings for ${ours.length} requests`);
  const [a, b] = [sorted(ours.map((us) => us / 1000)), sorted([...theirs])];
  const least = Math.min(...a.map((value, k) => value - (b[k] ?? Number.NaN)));
  const mean = sum(a, (ms) => ms) / a.length;
  return check(name, least >= -ROUNDING_MS, `at least ${round(least)} ms after, mean ${round(mean)} ms`);
}

/**
 * Checks the prompt time: llama.cpp sends its headers when it starts on the prompt, so the time from headers to the
 * first token is the server's prompt time, even if the request waited for a slot. Both ends pass through sockets:
 * hence 2 % or 5 ms (measured: up to 1.6 ms). A proxy may delay the headers and the first token differently: hence
 * more.
 */
function headersMarkThePromptsStart(ok: Sample[], served: readonly ServerTiming[], tolerance: number): Check {
  const theirs = sum(served, (t) => t.promptMs) / served.length;
  const ours = sum(ok, (s) => first(s) - (s.headers_us ?? Number.NaN)) / ok.length / 1000;
  return close('headers to first token is the prompt time', ours, theirs, Math.max(5, tolerance * theirs));
}

/** Checks the published mean and median against values computed from the samples by the definitions of docs/metrics.md. */
function summaryAgrees(
  metric: 'ttft' | 'tpot',
  of: (s: Sample) => number,
  samples: Sample[],
  run: Run,
  summary: Summary,
): Check {
  const { start_us, end_us } = run.window;
  const events = metric === 'ttft' ? 1 : 2;
  // A request that failed midway still has its latencies.
  const counted = samples
    .filter((s) => startOf(summary, s) >= start_us && startOf(summary, s) < end_us)
    .filter((s) => (s.events_us?.length ?? 0) >= events);
  const values = sorted(counted.map((s) => of(s) / 1000));
  const mean = sum(values, (value) => value) / values.length;
  const p50 = values[Math.ceil(values.length / 2) - 1] ?? Number.NaN;
  const shown = summary.metrics[metric];
  // If many failed, there is no median, and another check reports the failures.
  const median = shown?.p50 == null ? samples.some((s) => s.outcome !== 'ok') : isShown(p50, shown.p50);
  // On a busy machine no request may have started in the window.
  const isEmpty = values.length === 0 && shown?.count === 0;
  const agrees = isEmpty || (shown?.count === values.length && isShown(mean, shown.mean) && median);
  return check(
    `${metric} of the summary follows from the samples`,
    agrees,
    `${values.length} values, mean ${round(mean)} ms`,
  );
}

export const first = (s: Sample) => s.events_us?.[0] ?? Number.NaN;
export const span = (s: Sample) => sum(s.events_us?.slice(1) ?? [], (gap) => gap);
const startOf = (summary: Summary, s: Sample) =>
  summary.load.loop === 'open' ? s.planned_us : (s.sent_us ?? s.planned_us);
// Documents may round to a microsecond.
const isShown = (value: number, shown: number | null) => shown !== null && Math.abs(value - shown) <= 0.001;
const computedInput = (s: Sample) => (s.input_tokens ?? 0) - (s.cached_tokens ?? 0);

export const check = (name: string, ok: boolean, detail: string): Check => ({ name, ok, detail });
const close = (name: string, ours: number, theirs: number, tolerance: number) =>
  check(name, Math.abs(ours - theirs) <= tolerance, `${round(ours)} ms, the server's ${round(theirs)} ms`);
export const sum = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((total, item) => total + of(item), 0);
export const sorted = (values: number[]) => values.toSorted((a, b) => a - b);
export const round = (value: number) => Math.round(value * 1000) / 1000;
const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
