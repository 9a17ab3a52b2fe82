import type { Bench } from '../bench.ts';
import type { CommandUsage } from '../command.ts';
import { measure } from '../measure.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved } from '../rounds.ts';
import { wholeRun } from '../whole-run.ts';
import { available, CLIENTS } from './variants.ts';

/** Numbers of answers of a complete run, whose difference gives the cost of an event. */
const WHOLE_RUN_EVENTS = [10, 20, 50];

/** Numbers of open streams at 2 events/s, which give the memory cost of a stream. */
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
  for (const length of WHOLE_RUN_EVENTS) {
    bench.log(`goodput run, ${length} events a stream`);
    const whole = await oneWave(streams, length);
    rows.push({
      name: `goodput run ${length}`,
      what: `goodput run, everything in it, ${length} events`,
      figures: {
        rss: figure('RSS, peak', 'MB', [whole.rss_peak_kb / 1024]),
        rss_per_stream: figure('RSS per stream', 'KB', [whole.rss_peak_kb / streams]),
        cpu_per_event: figure('CPU per event', 'µs', [whole.cpu_us / streams / length]),
      },
    });
  }
  return {
    suite: 'memory',
    title: 'Memory of open streams',
    how: `${streams} streams open at once in one process, ${events} events each at 2 a second; ${rounds} rounds in random order; median (min–max). RSS per stream is what the streams added, of \`goodput run\` (once: plan, worker, record and report of one wave) the whole process's.`,
    rows,
    skipped,
  };
}

async function oneWave(streams: number, events: number): Promise<CommandUsage> {
  const load = { mode: 'paced', streams, events, rate: 2, groups: 0 } as const;
  const options = {
    'no-probe': true,
    concurrency: streams,
    requests: streams,
    warmup: '0s',
    'input-tokens': 8,
    'output-tokens': events,
  } as const;
  // The simultaneous start may block a worker, which does not matter here.
  const { used, summary } = await wholeRun(load, options, 300);
  const { ok } = summary.counts;
  if (ok !== streams) throw new Error(`${ok} of ${streams} streams were read to their end`);
  return used;
}
