import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { command, GOODPUT } from '../command.ts';
import type { SuiteResult } from '../report.ts';
import { figure } from '../rounds.ts';

const LOADS: Record<string, { what: string; seconds: number; args: readonly string[] }> = {
  minutes: { what: '10 min at 20/s', seconds: 600, args: ['--rate', '20/s', '--duration', '600s'] },
  hour: { what: '1 h at 20/s', seconds: 3600, args: ['--rate', '20/s', '--duration', '3600s'] },
  closed: {
    what: '10 min, 64 in flight',
    seconds: 600,
    args: ['--concurrency', '64', '--duration', '600s'],
  },
};

/** Measures how much faster than real time `goodput simulate` is. */
export async function simulate(bench: Bench): Promise<SuiteResult> {
  const rows: SuiteResult['rows'] = [];
  for (const [name, { what, seconds, args }] of Object.entries(LOADS)) {
    if (bench.quick && seconds > 600) continue;
    const runs = [];
    for (let round = 1; round <= bench.rounds; round++) {
      bench.log(`round ${round} of ${bench.rounds}: ${what}`);
      const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
      try {
        const out = ['--out', join(dir, 'run'), '--json', '--quiet'];
        runs.push(await command([GOODPUT, 'simulate', '--warmup', '0s', ...args, ...out], 120));
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    }
    rows.push({
      name,
      what,
      figures: {
        time: figure(
          'time',
          's',
          runs.map(({ wall_ms }) => wall_ms / 1000),
        ),
        speed: figure(
          'virtual ÷ real time',
          '',
          runs.map(({ wall_ms }) => (seconds * 1000) / wall_ms),
        ),
        rss: figure(
          'RSS, peak',
          'MB',
          runs.map(({ rss_peak_kb }) => rss_peak_kb / 1024),
        ),
      },
    });
  }
  return {
    suite: 'simulate',
    title: 'A run on a virtual clock',
    how: '`goodput simulate --json` of 512 tokens in and 128 out on the preset `llama-3.1-8b-h100`, in a process of its own: start, simulation, run folder, analysis and report.',
    rows,
    skipped: bench.quick ? ['1 h at 20/s (without --quick)'] : [],
  };
}
