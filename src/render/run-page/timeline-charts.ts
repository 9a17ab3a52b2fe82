import type { Column, SeriesDocument, TelemetrySeries, TimeSeries } from '../../series/series-document.ts';
import type { Axis, Line } from '../page/browser/chart.ts';
import { unitText } from '../page/browser/unit-text.ts';
import {
  hasValues,
  latencyAxis,
  max,
  place,
  type PlacedChart,
  summaryOf,
  TIME,
  titled,
} from '../page/placed-chart.ts';

/** Returns the charts over the whole run, which share cursor and zoom. */
export function timelineCharts(
  time: TimeSeries,
  { phases, slos, telemetry }: Pick<SeriesDocument, 'phases' | 'slos' | 'telemetry'>,
): PlacedChart[] {
  const xs = time.in_flight.map((_, bin) => time.start_s + (bin + 0.5) * time.bin_s);
  const shades = phases
    .filter(({ name }) => name !== 'measure')
    .map(({ name, start_s, end_s }) => ({
      from: start_s,
      to: end_s,
      text: name === 'warmup' ? 'warm-up' : name,
    }));
  const common = {
    kind: 'lines' as const,
    x: { label: 'time (s)', unit: 's' as const },
    xs,
    shades,
    sync: TIME,
  };
  const chart = (id: string, title: string, y: Axis, lines: readonly Line[], metric = ''): PlacedChart[] => {
    const shown = lines.filter(({ ys }) => hasValues([[...ys]]));
    if (shown.length === 0) return [];
    const limits = slos
      .filter((slo) => slo.metric === metric)
      .map(({ value }) => ({ at: value, text: `SLO ${unitText(value, 'ms')}` }));
    return [
      place(
        { ...common, id, y, lines: shown, limits },
        y.unit === 'ms' ? titled(title, y) : title,
        summaryOf(shown, y.unit),
        'low',
      ),
    ];
  };
  const ttft = latencyAxis([time.ttft_p50_ms, time.ttft_max_ms]);
  const itl = latencyAxis([time.itl_p50_ms, time.itl_p99_ms, time.max_gap_ms]);
  const failures = stacked(Object.entries(time.failures));
  return [
    ...chart(
      'time-ttft',
      'TTFT of the requests that start',
      ttft,
      [
        line('p50', 0, time.ttft_p50_ms),
        line('p99', 1, time.ttft_p99_ms),
        { label: 'max', shape: 'points', style: 4, ys: time.ttft_max_ms },
      ],
      'ttft',
    ),
    ...(telemetry === undefined ? [] : serverCharts(telemetry, chart)),
    ...chart('time-itl', 'ITL of the tokens that arrive', itl, [
      line('p50', 0, time.itl_p50_ms),
      line('p99', 1, time.itl_p99_ms),
      { label: 'longest stall', shape: 'points', style: 4, ys: time.max_gap_ms },
    ]),
    ...chart('time-in-flight', 'Requests in flight and waiting', { label: '', unit: 'requests' }, [
      line('in flight', 0, time.in_flight),
      ...(max(time.waiting) > 0.05 ? [line('waiting to be sent', 1, time.waiting)] : []),
    ]),
    ...chart('time-requests', 'Requests sent and completed (per second)', { label: '', unit: 'req/s' }, [
      line('sent', 0, time.sent_rps),
      line('completed', 2, time.completed_rps),
    ]),
    ...chart('time-tokens', 'Tokens (per second)', { label: '', unit: 'tok/s' }, [
      line('output', 0, time.output_tps),
      line('input', 1, time.input_tps),
    ]),
    ...chart('time-failures', 'Failures (requests)', { label: '', unit: 'requests' }, failures),
    ...(telemetry === undefined ? [] : deviceCharts(telemetry, chart)),
  ];
}

const line = (label: string, style: number, ys: Column): Line => ({ label, shape: 'line', style, ys });
const step = (label: string, style: number, ys: Column): Line => ({ label, shape: 'step', style, ys });

type Draw = (id: string, title: string, y: Axis, lines: readonly Line[]) => PlacedChart[];

const REQUESTS: Axis = { label: '', unit: 'requests' };
const SHARE: Axis = { label: '', unit: 'ratio' };

/** Returns what the servers report below the TTFT that it explains. */
const serverCharts = (telemetry: TelemetrySeries, chart: Draw): PlacedChart[] => [
  ...chart('time-queue', 'Requests in the server, by its own count', REQUESTS, [
    step('waiting', 0, telemetry.waiting),
    step('running', 1, telemetry.running),
    ...(max(telemetry.preemptions) > 0
      ? [{ label: 'preemptions', shape: 'points' as const, style: 4, ys: telemetry.preemptions }]
      : []),
  ]),
  ...chart('time-cache', 'KV cache of the server', SHARE, [
    step('in use', 0, telemetry.kv_use),
    step('input from the prefix cache', 1, telemetry.hit_share),
  ]),
];

const deviceCharts = (telemetry: TelemetrySeries, chart: Draw): PlacedChart[] => [
  ...chart('time-busy', 'Devices with work (share of the time)', SHARE, [step('busy', 0, telemetry.busy)]),
  ...chart('time-power', 'Power of all devices (watts)', { label: '', unit: 'W' }, [
    step('power', 0, telemetry.power_watt),
  ]),
];

/** Returns bars on top of each other, the highest first, so that the others cover it. */
function stacked(columns: readonly (readonly [label: string, counts: readonly number[]])[]): Line[] {
  let below: readonly number[] = [];
  return columns
    .map(([label, counts], at): Line => {
      below = counts.map((count, bin) => count + (below[bin] ?? 0));
      return { label, shape: 'bar', style: at + 3, ys: [...counts], tops: below };
    })
    .toReversed();
}
