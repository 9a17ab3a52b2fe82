import type { Bench } from '../bench.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved } from '../rounds.ts';
import { wholeRun } from '../whole-run.ts';

const EVENTS = 10;

/** Requests per second, and load workers. */
const LOADS: Record<string, { rate: number; workers: number }> = {
  '100': { rate: 100, workers: 1 },
  '1000': { rate: 1000, workers: 1 },
  '1000 by 2': { rate: 1000, workers: 2 },
  '2000': { rate: 2000, workers: 1 },
};

/** Measures complete open-loop runs: how late goodput sends its requests, and what the machine did meanwhile. */
export async function lag(bench: Bench): Promise<SuiteResult> {
  const seconds = bench.quick ? 3 : 10;
  const names = Object.keys(LOADS);
  const results = await interleaved(bench, names, async (name) => {
    const { rate, workers } = LOADS[name]!;
    const load = { mode: 'answer', streams: 0, events: EVENTS, rate: 1, groups: 0 } as const;
    const options = {
      rate: `${rate}/s`,
      workers,
      'no-probe': true as const,
      'input-tokens': 100,
      'output-tokens': EVENTS,
      warmup: '2s',
      duration: `${seconds}s`,
      drain: '5s',
    };
    const { counts, audit } = (await wholeRun(load, options, 60)).summary;
    if (counts.ok !== counts.planned) throw new Error(`${counts.ok} of ${counts.planned} were answered`);
    return audit;
  });
  return {
    suite: 'lag',
    title: 'Send lag',
    how: `\`goodput run --rate …\` of Poisson arrivals for ${seconds} s against a server that answers at once with ${EVENTS} events; from the instant that a request was free to go to the one that it went, as \`audit\` has it; ${bench.rounds} rounds in random order; median (min–max).`,
    rows: names.map((name) => {
      const { rate, workers } = LOADS[name]!;
      const audits = results.get(name)!;
      const over = (label: string, unit: string, of: (audit: (typeof audits)[number]) => number | null) =>
        figure(
          label,
          unit,
          audits.map((audit) => of(audit) ?? Number.NaN),
        );
      const percent = (share: number | null | undefined): number | null =>
        share === null || share === undefined ? null : 100 * share;
      return {
        name,
        what: `${rate} requests/s, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
        figures: {
          p50: over('send lag p50', 'ms', (audit) => audit.send_lag_p50_ms),
          p99: over('p99', 'ms', (audit) => audit.send_lag_p99_ms),
          max: over('max', 'ms', (audit) => audit.send_lag_max_ms),
          busy: over('worker busy', '%', (audit) => percent(audit.event_loop_utilization)),
          others: over('processors others used', '', (audit) => audit.host?.others_processors ?? null),
          pressure: over('some task waited', '%', (audit) => percent(audit.host?.pressure_share)),
          steal: over('stolen', '%', (audit) => percent(audit.host?.steal_share)),
          valid: over('runs valid', '%', (audit) => (audit.status === 'valid' ? 100 : 0)),
        },
      };
    }),
    skipped: [],
  };
}
