import type { Bench } from '../bench.ts';
import type { SuiteResult } from '../report.ts';
import { figure } from '../rounds.ts';
import { wholeRun } from '../whole-run.ts';

const CONCURRENCY = 32;

/**
 * Measures complete runs of short requests against an endpoint that answers immediately: does memory grow with their
 * number?
 */
export async function requests(bench: Bench): Promise<SuiteResult> {
  const sizes = bench.quick ? [5000] : bench.large ? [10_000, 100_000, 1_000_000] : [10_000, 50_000];
  const rows: SuiteResult['rows'] = [];
  for (const count of sizes) {
    bench.log(`${count} requests`);
    const load = { mode: 'answer', streams: 0, events: 1, rate: 1, groups: 0 } as const;
    const options = {
      'no-probe': true as const,
      concurrency: CONCURRENCY,
      requests: count,
      'input-tokens': 8,
      'output-tokens': 1,
      warmup: '1s',
      drain: '10s',
    };
    // A machine that only sends may be too busy for a valid run, which does not matter here.
    const { used, summary, rss_load_kb } = await wholeRun(load, options, 900);
    if (summary.counts.ok !== count)
      throw new Error(`${summary.counts.ok} of ${count} requests were answered`);
    rows.push({
      name: String(count),
      what: `${count.toLocaleString('en-US')} requests`,
      figures: {
        rss_load: figure('RSS of the load', 'MB', [rss_load_kb / 1024]),
        rss: figure('RSS with the report, peak', 'MB', [used.rss_peak_kb / 1024]),
        cpu_per_request: figure('CPU per request', 'µs', [used.cpu_us / count]),
        time: figure('time', 's', [used.wall_ms / 1000]),
      },
    });
  }
  return {
    suite: 'requests',
    title: 'Many short requests',
    how: `\`goodput run --concurrency ${CONCURRENCY}\` in closed loop against a server that answers at once with one event; everything from the plan to the report in one process.`,
    rows,
    skipped: bench.large ? [] : ['1,000,000 requests (--large)'],
  };
}
