/** The server's own record: its counters (`/metrics`) and the timings that it logs for each request. */

/** Difference of two scrapes of the counters. */
export interface ServerWork {
  promptTokens: number; // computed, without cached ones
  cachedTokens: number;
  promptMs: number; // summed over requests, each from the start of its prompt to its first token
  outputTokens: number;
  outputMs: number; // summed over requests, each from its first token to its last
}

/** The server's timings of one request. */
export interface ServerTiming {
  promptMs: number;
  promptTokens: number;
  outputMs: number;
  outputTokens: number;
}

type Counters = Readonly<Record<string, number>>;

export async function readCounters(metricsUrl: string): Promise<Counters> {
  const text = await (await fetch(metricsUrl)).text();
  const lines = [...text.matchAll(/^llamacpp:(\w+) (\S+)$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name, Number(value)]));
}

/**
 * Scrapes the counters until they no longer change: a request's output is counted when its slot is released, shortly
 * after its last chunk.
 */
export async function settledCounters(metricsUrl: string): Promise<Counters> {
  let last = await readCounters(metricsUrl);
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const now = await readCounters(metricsUrl);
    const same = now['tokens_predicted_total'] === last['tokens_predicted_total'];
    if (same && now['requests_processing'] === 0) return now;
    last = now;
  }
  return last;
}

export function workBetween(before: Counters, after: Counters): ServerWork {
  const rose = (name: string) => (after[name] ?? Number.NaN) - (before[name] ?? Number.NaN);
  return {
    promptTokens: rose('prompt_tokens_total'),
    cachedTokens: rose('prompt_tokens_cached_total'),
    promptMs: rose('prompt_seconds_total') * 1000,
    outputTokens: rose('tokens_predicted_total'),
    outputMs: rose('tokens_predicted_seconds_total') * 1000,
  };
}

/** Returns the requests in a part of the log, in the order in which they ended. */
export function timingsFrom(log: string): ServerTiming[] {
  const line = /task (\d+) \| +(prompt eval|eval) time = +([\d.]+) ms \/ +(\d+) tokens/g;
  const prompts = new Map<string, { promptMs: number; promptTokens: number }>();
  const timings: ServerTiming[] = [];
  for (const [, task = '', kind, ms, tokens] of log.matchAll(line)) {
    const prompt = prompts.get(task);
    if (kind !== 'eval') prompts.set(task, { promptMs: Number(ms), promptTokens: Number(tokens) });
    else if (prompt) timings.push({ ...prompt, outputMs: Number(ms), outputTokens: Number(tokens) });
  }
  return timings;
}
