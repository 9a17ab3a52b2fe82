import type { Bench } from '../bench.ts';
import { PINNED } from '../child.ts';
import { measure } from '../measure.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved, ratios } from '../rounds.ts';
import type { Load } from '../server.ts';
import { available, CLIENTS } from './variants.ts';

/** Measures many streams at reading speed: the cost of a read, and the error of its stamp. */
export async function paced(bench: Bench): Promise<SuiteResult> {
  const load: Load = { mode: 'paced', streams: 1000, events: bench.quick ? 50 : 500, rate: 50, groups: 0 };
  return pacedAt(bench, load, 'paced', 'Paced, independent phases', 'each stream at its own phase');
}

/** Like a server in steps: all sequences of a batch back to back. */
export async function steps(bench: Bench): Promise<SuiteResult> {
  const load: Load = { mode: 'paced', streams: 1000, events: bench.quick ? 50 : 500, rate: 50, groups: 10 };
  return pacedAt(bench, load, 'steps', 'Paced, in steps', 'in 10 groups of 100 streams written back to back');
}

async function pacedAt(
  bench: Bench,
  load: Load,
  suite: string,
  title: string,
  phases: string,
): Promise<SuiteResult> {
  const { names, skipped } = await available(['c', 'undici', 'scan', 'goodput', 'fetch', 'openai']);
  const results = await interleaved(bench, names, (name) => measure(name, load, name !== 'undici'));
  const cost = (name: string): number[] => results.get(name)!.map((run) => run.cpu_us / run.events);
  const stamp = (name: string, key: 'p50_us' | 'p99_us' | 'steady_p99_us'): number[] =>
    results.get(name)!.flatMap((run) => (run.error === null ? [] : [run.error[key]]));
  const early = names.reduce(
    (sum, name) => sum + results.get(name)!.reduce((more, run) => more + (run.error?.early ?? 0), 0),
    0,
  );
  const rows = names.map((name) => {
    const p50 = stamp(name, 'p50_us');
    const p99 = stamp(name, 'p99_us');
    const steady = stamp(name, 'steady_p99_us');
    return {
      name,
      what: CLIENTS[name],
      figures: {
        cpu_per_event: figure('CPU per event', 'µs', cost(name)),
        cpu_vs_undici: figure('CPU ÷ undici', '', ratios(cost(name), cost('undici'))),
        cpu_vs_fetch: figure('CPU ÷ fetch', '', ratios(cost(name), cost('fetch'))),
        ...(p50.length === 0
          ? {}
          : {
              error_p50: figure('stamp error p50', 'µs', p50),
              error_p99: figure('p99', 'µs', p99),
              ...(names.includes('c')
                ? {
                    p50_vs_c: figure('p50 ÷ C', '', ratios(p50, stamp('c', 'p50_us'))),
                    p99_vs_c: figure('p99 ÷ C', '', ratios(p99, stamp('c', 'p99_us'))),
                  }
                : {}),
              p99_vs_fetch: figure('p99 ÷ fetch', '', ratios(p99, stamp('fetch', 'p99_us'))),
              steady_p99: figure('p99 of the steady load', 'µs', steady),
              ...(names.includes('c')
                ? { steady_vs_c: figure('÷ C', '', ratios(steady, stamp('c', 'steady_p99_us'))) }
                : {}),
            }),
        waited: figure(
          'core taken by other threads',
          '%',
          results.get(name)!.map((run) => run.waited * 100),
        ),
      },
    };
  });
  return {
    suite,
    title,
    how: `${load.streams} streams × ${load.rate} events/s, ${load.events} events each, ${phases}; ${bench.rounds} rounds in random order; median (min–max); stamp error is the client's stamp less the server's clock right before the write, same clock (${early} stamps were earlier than their write); other threads that take the core are V8’s own, for the most part; ${PINNED}.`,
    rows,
    skipped,
  };
}
