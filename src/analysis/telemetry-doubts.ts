import { count, duration, plural, share } from '../numbers.ts';
import type { ClientTotals } from './telemetry-client.ts';
import { restartOf } from './telemetry-counters.ts';
import type { TelemetryReport } from './telemetry-figures.ts';
import { COUNTERS } from './telemetry-names.ts';
import type { Target } from './telemetry-target.ts';

/** The largest relative difference between two counts of tokens that counts as none. */
const SAME_TOKENS = 0.01;

/** The largest difference between a share that a device reports and the computed one that is not reported. */
const SAME_SHARE = 0.2;

/** Returns true if the server's count of tokens is ours. */
export const isSameCount = (server: number, ours: number): boolean =>
  Math.abs(server - ours) <= SAME_TOKENS * ours;

/** The utilisation of the stated machine, as computed from the requests; `null`: not computed. */
export interface Utilisation {
  mfu: number | null;
  mbu: number | null;
}

/** Returns the reasons why the figures of the servers may not be about this run alone, one sentence each. */
export function doubtsOf(
  targets: readonly Target[],
  {
    output_tokens,
    input_tokens,
    requests,
    server_ttft_ms,
    client: ours,
    gpu,
  }: Omit<TelemetryReport, 'doubts'>,
  client: ClientTotals,
  machine: Utilisation | null,
): string[] {
  const doubts = [
    tokens('input', input_tokens, ours.input_tokens),
    tokens('output', output_tokens, ours.output_tokens),
    activity('tensor cores', gpu.tensor_active, 'MFU', machine?.mfu ?? null),
    activity('memory interface', gpu.dram_active, 'MBU', machine?.mbu ?? null),
  ];
  if (server_ttft_ms !== null && requests !== null && requests !== client.firstTokens)
    doubts.push(
      `The server counted the first tokens of ${plural(requests, 'request')}, goodput ${count(client.firstTokens)}: the residual is not shown.`,
    );
  for (const target of targets) {
    const at_us = restartOf(target, Object.values(COUNTERS).flat());
    if (at_us !== null)
      doubts.push(
        `${target.url} restarted: its counters had fallen ${duration(at_us / 1000)} after the start of the run. What it counted since its last scrape is missing.`,
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

function activity(
  what: string,
  reported: number | null,
  name: string,
  computed: number | null,
): string | null {
  if (reported === null || computed === null || Math.abs(reported - computed) <= SAME_SHARE) return null;
  return `The devices report that their ${what} worked ${share(reported)} of the time, and the computed ${name} is ${share(computed)}: check the stated model, the accelerators and their number.`;
}
