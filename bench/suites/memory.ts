import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { native } from '../build.ts';
import { command, GOODPUT } from '../command.ts';
import type { CommandUsage } from '../command.ts';
import { measure } from '../measure.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved } from '../rounds.ts';
import { startServer } from '../server.ts';
import { available, CLIENTS } from './variants.ts';

/** Open streams at 2 events/s: what one costs in memory. */
export async function memory(bench: Bench): Promise<SuiteResult> {
  const streams = bench.quick ? 2000 : 10_000;
  const events = 10;
  const { names, skipped } = await available(['c', 'undici', 'goodput', 'fetch']);
  const rounds = Math.min(bench.rounds, 3);
  const results = await interleaved({ ...bench, rounds }, names, (name) =>
    measure(name, { mode: 'paced', streams, events, rate: 2, groups: 0 }, false),
  );
  const rows: SuiteResult['rows'] = names.map((name) => {
    const runs = results.get(name)!;
    return {
      name,
      what: CLIENTS[name],
      figures: {
        rss: figure(
          'RSS, peak',
          'MB',
          runs.map((run) => run.rss_peak_kb / 1024),
        ),
        rss_per_stream: figure(
          'RSS per stream',
          'KB',
          runs.map((run) => (run.rss_peak_kb - run.rss_before_kb) / streams),
        ),
        cpu_per_event: figure(
          'CPU per event',
          'µs',
          runs.map((run) => run.cpu_us / run.events),
        ),
      },
    };
  });
  bench.log('goodput run');
  const whole = await wholeRun(streams, events);
  rows.push({
    name: 'goodput run',
    what: 'goodput run, everything in it',
    figures: {
      rss: figure('RSS, peak', 'MB', [whole.rss_peak_kb / 1024]),
      rss_per_stream: figure('RSS per stream', 'KB', [whole.rss_peak_kb / streams]),
      cpu_per_event: figure('CPU per event', 'µs', [whole.cpu_us / streams / events]),
    },
  });
  return {
    suite: 'memory',
    title: 'Memory of open streams',
    how: `${streams} streams open at once in one process, ${events} events each at 2 a second; ${rounds} rounds in random order; median (min–max). RSS per stream is what the streams added, of \`goodput run\` (once: plan, worker, record and report of one wave) the whole process's.`,
    rows,
    skipped,
  };
}

async function wholeRun(streams: number, events: number): Promise<CommandUsage> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
  const load = { mode: 'paced', streams, events, rate: 2, groups: 0 } as const;
  const server = await startServer(load, null, await native('server'));
  try {
    const options = {
      url: `http://127.0.0.1:${server.port}/v1`,
      concurrency: streams,
      requests: streams,
      warmup: '0s',
      'input-tokens': 8,
      'output-tokens': events,
      out: join(dir, 'run'),
    };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    // 98: that all begin at once holds a worker up, and that is not asked here.
    const used = await command([GOODPUT, 'run', '--no-probe', '--quiet', '--json', ...flags], 300, [0, 98]);
    const { ok } = (JSON.parse(used.stdout) as { counts: { ok: number } }).counts;
    if (ok !== streams) throw new Error(`${ok} of ${streams} streams were read to their end`);
    return used;
  } finally {
    await server.close();
    await rm(dir, { recursive: true, force: true });
  }
}
