import type { ClientTotals } from './telemetry-client.ts';
import { counterIncrease, restartOf } from './telemetry-counters.ts';
import type { TelemetryReport } from './telemetry-figures.ts';
import { COUNTERS, LLAMACPP } from './telemetry-names.ts';
import { count, counted } from './note.ts';
import type { Target } from './telemetry-target.ts';

/** The largest relative difference between two counts of tokens that counts as none. */
const SAME_TOKENS = 0.01;

/** Returns true if the server's count of tokens is ours. */
export const isSameCount = (server: number, ours: number): boolean =>
  Math.abs(server - ours) <= SAME_TOKENS * ours;

/** Returns the reasons why the figures of the servers may not be about this run alone, one sentence each. */
export function doubtsOf(
  targets: readonly Target[],
  { output_tokens, input_tokens, requests, server_ttft_ms }: Omit<TelemetryReport, 'doubts'>,
  client: ClientTotals,
): string[] {
  const isUncached = counterIncrease(targets, LLAMACPP.inputTokens) !== null;
  const doubts = [
    tokens(
      isUncached ? 'uncached input' : 'input',
      input_tokens,
      isUncached ? client.uncachedTokens : client.inputTokens,
    ),
    tokens('output', output_tokens, client.outputTokens),
  ];
  if (server_ttft_ms !== null && requests !== null && requests !== client.firstTokens)
    doubts.push(
      `The server counted the first tokens of ${counted(requests, 'request')}, goodput ${count(client.firstTokens)}: the residual is not shown.`,
    );
  for (const target of targets) {
    const at_us = restartOf(target, Object.values(COUNTERS).flat());
    if (at_us !== null)
      doubts.push(
        `${target.url} restarted: its counters had fallen ${Number((at_us / 1e6).toFixed(1))} s after the start of the run. What it counted since its last scrape is missing.`,
      );
  }
  return doubts.filter((doubt) => doubt !== null);
}

function tokens(kind: string, server: number | null, ours: number | null): string | null {
  if (server === null || ours === null || isSameCount(server, ours)) return null;
  const cause =
    server > ours
      ? 'someone else used the server, or requests were cut off before their count arrived'
      : 'tokens were lost, or not every server is scraped';
  return `The server counted ${count(server)} ${kind} tokens, goodput ${count(ours)}: ${cause}.`;
}
