import { createServer } from 'node:http';
import type { Bench } from '../bench.ts';
import type { SuiteResult } from '../report.ts';
import { WARMUP_S } from '../load-cost.ts';
import { figure, interleaved, ratios } from '../rounds.ts';
import { wholeRun } from '../whole-run.ts';

const EVENTS = 10;
const RATE = 200;

/** Targets that are scraped every second. */
const TARGETS = { none: 0, one: 1, four: 4 } as const;
type Name = keyof typeof TARGETS;
const NAMES: readonly Name[] = ['none', 'one', 'four'];

/** Series of the page of a target. vLLM with one model has about 600. */
const SERIES = 1500;

const PAGE = Array.from(
  { length: SERIES },
  (_, k) => `vllm:some_time_seconds_bucket{engine="0",le="${k / 100}",model_name="a/model-of-8b"} ${k}.0\n`,
).join('');

interface Stamps {
  lag_p50: number;
  lag_p99: number;
  ttft_p50: number;
  ttft_p99: number;
  loop_p99: number;
  /** CPU time of the whole process, per second of the load. */
  cpu: number;
}

/** Measures what telemetry changes: how late requests are sent, and how late their first events are stamped. */
export async function telemetry(bench: Bench): Promise<SuiteResult> {
  const seconds = bench.quick ? 4 : 15;
  const server = createServer((_, response) => response.end(PAGE));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const results = await interleaved(bench, NAMES, (name) => stampsOf(TARGETS[name as Name], port, seconds));
  server.closeAllConnections();
  server.close();
  return {
    suite: 'telemetry',
    title: 'Telemetry',
    how: `\`goodput run --rate ${RATE}/s\` of Poisson arrivals for ${seconds} s against a server that answers at once with ${EVENTS} events, without telemetry and with targets of ${SERIES} series, each scraped every second; send lag and loop delay as \`audit\` has them, TTFT from the send; ratios within each round; ${bench.rounds} rounds in random order; median (min–max).`,
    rows: NAMES.map((name) => ({
      name,
      what:
        TARGETS[name] === 0
          ? 'without telemetry'
          : `${TARGETS[name]} ${TARGETS[name] === 1 ? 'target' : 'targets'}`,
      figures: figuresOf(results.get(name)!, results.get('none')!),
    })),
    skipped: [],
  };
}

async function stampsOf(targets: number, port: number, seconds: number): Promise<Stamps> {
  const load = { mode: 'answer', streams: 0, events: EVENTS, rate: 1, groups: 0 } as const;
  const pages = Array.from({ length: targets }, (_, k) => `"http://127.0.0.1:${port}/metrics?page=${k}"`);
  const options = { 'no-probe': true, warmup: `${WARMUP_S}s`, duration: `${seconds}s`, drain: '5s' } as const;
  const scenario = `{ workload: { input: 100, output: ${EVENTS} }, load: { rate: ${RATE} }, telemetry: [${pages.join(', ')}] }`;
  const { summary, used } = await wholeRun(load, options, 60, scenario);
  const { counts, audit, metrics } = summary;
  if (counts.ok !== counts.planned) throw new Error(`${counts.ok} of ${counts.planned} were answered`);
  const ttft = metrics['ttft_sent']!;
  return {
    lag_p50: audit.send_lag_p50_ms ?? Number.NaN,
    lag_p99: audit.send_lag_p99_ms ?? Number.NaN,
    ttft_p50: ttft.p50 ?? Number.NaN,
    ttft_p99: ttft.p99 ?? Number.NaN,
    loop_p99: audit.event_loop_delay_p99_ms ?? Number.NaN,
    cpu: used.cpu_us / 1000 / (seconds + WARMUP_S),
  };
}

function figuresOf(all: readonly Stamps[], base: readonly Stamps[]): SuiteResult['rows'][number]['figures'] {
  const of = (key: keyof Stamps, label: string) => {
    const [values, before] = [all, base].map((each) => each.map((stamps) => stamps[key])) as [
      number[],
      number[],
    ];
    return {
      [key]: figure(label, 'ms', values),
      [`${key}_ratio`]: figure('÷ without', '', ratios(values, before)),
    };
  };
  return {
    ...of('lag_p50', 'send lag p50'),
    ...of('lag_p99', 'send lag p99'),
    ...of('ttft_p50', 'TTFT p50'),
    ...of('ttft_p99', 'TTFT p99'),
    ...of('loop_p99', 'loop delay p99'),
    ...of('cpu', 'CPU per second'),
  };
}
