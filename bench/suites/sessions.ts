import type { Bench } from '../bench.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved, ratios } from '../rounds.ts';
import { wholeRun } from '../whole-run.ts';

const TURNS = 5;

/** Two loads, each as single requests and as sessions with the same mean input: how often, and how long the answers are. */
const LOADS = {
  often: { rate: 500, events: 10, first: 100, next: 40 },
  long: { rate: 40, events: 1000, first: 100, next: 40 },
} as const;

type Name = `${keyof typeof LOADS} requests` | `${keyof typeof LOADS} sessions`;

const NAMES: readonly Name[] = ['often requests', 'often sessions', 'long requests', 'long sessions'];

/** Returns the workload of a variant, in the words of a scenario. */
function scenarioOf(name: Name): string {
  const { rate, events, first, next } = LOADS[name.split(' ')[0] as keyof typeof LOADS];
  // The mean input over the turns of a session: its first message, and half of what follows.
  const input = first + ((next + events) * (TURNS - 1)) / 2;
  return name.endsWith('requests')
    ? `{ workload: { input: ${input}, output: ${events} }, load: { rate: ${rate} } }`
    : `{ workload: { sessions: { turns: ${TURNS}, think: exponential:200ms, first: ${first}, next: ${next} }, output: ${events} }, load: { rate: ${rate / TURNS} } }`;
}

/** Measures what sessions cost, compared with as many single requests. */
export async function sessions(bench: Bench): Promise<SuiteResult> {
  const seconds = bench.quick ? 4 : 15;
  const results = await interleaved(bench, NAMES, async (name) => {
    const { events } = LOADS[(name as Name).split(' ')[0] as keyof typeof LOADS];
    const load = { mode: 'answer', streams: 0, events, rate: 1, groups: 0 } as const;
    const options = { 'no-probe': true, warmup: '2s', duration: `${seconds}s`, drain: '5s' } as const;
    const { summary, used } = await wholeRun(load, options, 120, scenarioOf(name as Name));
    if (summary.counts.failed > 0) throw new Error(`${summary.counts.failed} requests of ${name} failed`);
    return { ...summary, cpu_us: used.cpu_us / summary.counts.sent };
  });
  const of = (name: string, value: (run: { audit: Audit; cpu_us: number }) => number | null): number[] =>
    results.get(name)!.map((run) => value(run) ?? Number.NaN);
  type Audit = NonNullable<ReturnType<typeof results.get>>[number]['audit'];
  return {
    suite: 'sessions',
    title: 'Sessions',
    how: `\`goodput run\` for ${seconds} s against a server that answers at once, as single requests and as sessions of ${TURNS} turns that repeat the answers: the same requests/s, answers and mean input; CPU is that of the whole process per request; ${bench.rounds} rounds in random order; median (min–max).`,
    rows: NAMES.map((name) => {
      const base = name.replace('sessions', 'requests');
      const cpu = of(name, ({ cpu_us }) => cpu_us);
      const p99 = of(name, ({ audit }) => audit.send_lag_p99_ms);
      return {
        name,
        what: scenarioOf(name),
        figures: {
          cpu: figure('CPU per request', 'µs', cpu),
          cpu_vs_requests: figure(
            '÷ single requests',
            '',
            ratios(
              cpu,
              of(base, ({ cpu_us }) => cpu_us),
            ),
          ),
          p50: figure(
            'send lag p50',
            'ms',
            of(name, ({ audit }) => audit.send_lag_p50_ms),
          ),
          p99: figure('p99', 'ms', p99),
          p99_vs_requests: figure(
            'p99 ÷ single requests',
            '',
            ratios(
              p99,
              of(base, ({ audit }) => audit.send_lag_p99_ms),
            ),
          ),
        },
      };
    }),
    skipped: [],
  };
}
