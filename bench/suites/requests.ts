import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { native } from '../build.ts';
import { command, GOODPUT } from '../command.ts';
import type { SuiteResult } from '../report.ts';
import { figure } from '../rounds.ts';
import { startServer } from '../server.ts';

const CONCURRENCY = 32;

/** Whole runs of short requests against an endpoint that answers at once: does memory grow with their number? */
export async function requests(bench: Bench): Promise<SuiteResult> {
  const sizes = bench.quick ? [5000] : bench.large ? [10_000, 100_000, 1_000_000] : [10_000, 50_000];
  const rows: SuiteResult['rows'] = [];
  for (const count of sizes) {
    bench.log(`${count} requests`);
    const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
    const load = { mode: 'answer', streams: 0, events: 1, rate: 1, groups: 0 } as const;
    const server = await startServer(load, null, await native('server'));
    try {
      const options = {
        url: `http://127.0.0.1:${server.port}/v1`,
        concurrency: CONCURRENCY,
        requests: count,
        'input-tokens': 8,
        'output-tokens': 1,
        warmup: '1s',
        drain: '10s',
        out: join(dir, 'run'),
      };
      const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
      // 98: a machine that does nothing but send is too busy to be believed, and that is not asked here.
      const used = await command([GOODPUT, 'run', '--quiet', '--json', ...flags], 900, [0, 98]);
      const summary = JSON.parse(used.stdout) as { counts: { ok: number; cohort: number } };
      if (summary.counts.ok !== count)
        throw new Error(`${summary.counts.ok} of ${count} requests were answered`);
      rows.push({
        name: String(count),
        what: `${count.toLocaleString('en-US')} requests`,
        figures: {
          rss: figure('RSS, peak', 'MB', [used.rss_peak_kb / 1024]),
          cpu_per_request: figure('CPU per request', 'µs', [used.cpu_us / count]),
          time: figure('time', 's', [used.wall_ms / 1000]),
        },
      });
    } finally {
      await server.close();
      await rm(dir, { recursive: true, force: true });
    }
  }
  return {
    suite: 'requests',
    title: 'Many short requests',
    how: `\`goodput run --concurrency ${CONCURRENCY}\` in closed loop against a server that answers at once with one event; everything from the plan to the report in one process.`,
    rows,
    skipped: bench.large ? [] : ['1,000,000 requests (--large)'],
  };
}
