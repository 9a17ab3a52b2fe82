import type { Window } from '../record/header.ts';
import type { Scrape } from '../record/telemetry.ts';
import { nearestRank, percentileNamed } from '../statistics/percentile.ts';
import type { Milliseconds } from '../units.ts';
import type { ClientTotals } from './telemetry-client.ts';
import { counterIncrease, meanDuration } from './telemetry-counters.ts';
import { doubtsOf, isSameCount, type Utilisation } from './telemetry-doubts.ts';
import { countedEnergy } from './telemetry-energy.ts';
import { deviceMean, gaugeMax, gaugeMean } from './telemetry-gauges.ts';
import { COUNTERS, DURATIONS, GAUGES, LLAMACPP, type TargetKind } from './telemetry-names.ts';
import { type Target, targetsOf } from './telemetry-target.ts';

/** The figures that servers and devices reported during a run. `null`: none of them reports the figure. */
export interface TelemetryReport {
  targets: {
    /** Without credentials. */
    url: string;
    kind: TargetKind;
    scrapes: number;
    /** Scrapes that failed, of these. */
    failed: number;
    /** 99th percentile of the time that a scrape took. */
    scrape_p99_ms: Milliseconds | null;
  }[];
  /** Means and maxima over the scrapes in W. */
  running_mean: number | null;
  waiting_mean: number | null;
  waiting_max: number | null;
  kv_use_mean: number | null;
  kv_use_max: number | null;
  /** Counts and mean durations from the first to the last scrape, so of all requests of the run. */
  prefix_hit_share: number | null;
  preemptions: number | null;
  requests: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  queue_ms: Milliseconds | null;
  prefill_ms: Milliseconds | null;
  decode_ms: Milliseconds | null;
  server_ttft_ms: Milliseconds | null;
  /** Mean TTFT of the client from the send, minus that of the server. */
  residual_ms: Milliseconds | null;
  /** Our own figures of all requests of the run, next to those of the server. */
  client: {
    /** Requests with a first token. */
    requests: number;
    /** `null`: the server did not report the counts of every request. */
    input_tokens: number | null;
    output_tokens: number | null;
    /** Mean from the send. */
    ttft_ms: Milliseconds | null;
  };
  /** Means over devices and W; the energy is their sum in W. */
  gpu: {
    busy: number | null;
    power_watt: number | null;
    energy_joule: number | null;
    memory_bytes: number | null;
    tensor_active: number | null;
    dram_active: number | null;
  };
  /** Why the figures may not be about this run alone. One sentence each. */
  doubts: string[];
}

/** Our own figures, which those of telemetry are compared with. */
interface TelemetryContext {
  client: ClientTotals;
  /** The utilisation that is computed from the stated machine. */
  machine?: Utilisation | null;
}

/** Computes the figures of a run's telemetry. */
export function telemetryReport(
  scrapes: readonly Scrape[],
  window: Window,
  { client, machine = null }: TelemetryContext,
): TelemetryReport {
  const targets = targetsOf(scrapes);
  const gauge = (figure: keyof typeof GAUGES, how: 'sum' | 'mean') =>
    gaugeMean(targets, GAUGES[figure], window, how);
  const increase = (figure: keyof typeof COUNTERS) => counterIncrease(targets, COUNTERS[figure]);
  const mean = (figure: keyof typeof DURATIONS) => meanDuration(targets, DURATIONS[figure])?.mean ?? null;
  const device = (figure: Parameters<typeof deviceMean>[1]) => deviceMean(targets, figure, window);
  const ttft = meanDuration(targets, DURATIONS.ttft);
  const hits = increase('cacheHits');
  const figures: Omit<TelemetryReport, 'doubts'> = {
    targets: targets.map(targetReport),
    running_mean: gauge('running', 'sum'),
    waiting_mean: gauge('waiting', 'sum'),
    waiting_max: gaugeMax(targets, GAUGES.waiting, window, 'sum'),
    kv_use_mean: gauge('kvUse', 'mean'),
    kv_use_max: gaugeMax(targets, GAUGES.kvUse, window, 'mean'),
    prefix_hit_share: shareOf(hits, queriesOf(targets)) ?? gauge('hitShare', 'mean'),
    preemptions: increase('preemptions'),
    requests: increase('requests'),
    input_tokens: increase('inputTokens'),
    output_tokens: increase('outputTokens'),
    queue_ms: mean('queue'),
    prefill_ms: mean('prefill') ?? byOurCount(targets, LLAMACPP.prefill, client),
    decode_ms: mean('decode') ?? byOurCount(targets, LLAMACPP.decode, client),
    server_ttft_ms: ttft?.mean ?? null,
    residual_ms:
      ttft === null || client.ttftSent === null || ttft.count !== client.firstTokens
        ? null
        : client.ttftSent - ttft.mean,
    client: {
      requests: client.firstTokens,
      input_tokens: isUncached(targets) ? client.uncachedTokens : client.inputTokens,
      output_tokens: client.outputTokens,
      ttft_ms: client.ttftSent,
    },
    gpu: {
      busy: device('busy'),
      power_watt: device('power'),
      energy_joule: countedEnergy(targets, window),
      memory_bytes: device('memory'),
      tensor_active: device('tensor'),
      dram_active: device('dram'),
    },
  };
  return { ...figures, doubts: doubtsOf(targets, figures, client, machine) };
}

const P99 = percentileNamed('p99');

function targetReport({ url, kind, scrapes, failed }: Target): TelemetryReport['targets'][number] {
  const times = scrapes.map(({ sentUs, receivedUs }) => (receivedUs - sentUs) / 1000).sort((a, b) => a - b);
  return {
    url,
    kind,
    scrapes: scrapes.length + failed,
    failed,
    scrape_p99_ms: times.length === 0 ? null : times[nearestRank(P99, times.length) - 1]!,
  };
}

const shareOf = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null || whole === 0 ? null : part / whole;

/** Returns true if the server counts only the prompt tokens that were not cached, as llama.cpp does. */
const isUncached = (targets: readonly Target[]): boolean =>
  counterIncrease(targets, LLAMACPP.inputTokens) !== null;

/** Returns the prompt tokens that were looked up in a prefix cache. llama.cpp counts those that were not found. */
function queriesOf(targets: readonly Target[]): number | null {
  const queries = counterIncrease(targets, COUNTERS.cacheQueries);
  if (queries !== null) return queries;
  const [missed, hits] = [LLAMACPP.inputTokens, COUNTERS.cacheHits].map((names) =>
    counterIncrease(targets, names),
  );
  return missed == null || hits == null ? null : missed + hits;
}

/** Returns llama.cpp's time per request by our count of requests; `null` if its tokens are not ours. */
function byOurCount(
  targets: readonly Target[],
  names: (typeof LLAMACPP)['prefill'],
  { firstTokens, uncachedTokens, outputTokens }: ClientTotals,
): Milliseconds | null {
  const time = counterIncrease(targets, names);
  const input = counterIncrease(targets, LLAMACPP.inputTokens);
  const output = counterIncrease(targets, COUNTERS.outputTokens);
  if (time === null || input === null || output === null || firstTokens === 0) return null;
  if (uncachedTokens === null || outputTokens === null) return null;
  return isSameCount(input, uncachedTokens) && isSameCount(output, outputTokens) ? time / firstTokens : null;
}
