import type { Bench } from '../bench.ts';
import { measure } from '../measure.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved } from '../rounds.ts';
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
  const rows = names.map((name) => {
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
  return {
    suite: 'memory',
    title: 'Memory of open streams',
    how: `${streams} streams open at once in one process, ${events} events each at 2 a second; ${rounds} rounds in random order; median (min–max).`,
    rows,
    skipped,
  };
}
