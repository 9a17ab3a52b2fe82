import type { Bench } from '../bench.ts';
import { PINNED } from '../child.ts';
import { measure } from '../measure.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved, ratios } from '../rounds.ts';
import type { Load } from '../server.ts';
import { available, CLIENTS } from './variants.ts';

/** Measures streams at the server's full speed: the cost of an event when reads are full of them. */
export async function flood(bench: Bench): Promise<SuiteResult> {
  const events = bench.quick ? 4000 : 30_000;
  const whole: Load = { mode: 'flood', streams: 64, events, rate: 1, groups: 0 };
  // Its line decoder takes 30 times as long: a sixteenth of the events is still a second of work.
  const sixteenth: Load = { ...whole, streams: 16, events: events / 4 };
  const { names, skipped } = await available(['c', 'undici', 'goodput', 'parse', 'fetch', 'openai']);
  const results = await interleaved(bench, names, (name) =>
    measure(name, name === 'openai' ? sixteenth : whole, false),
  );
  const cost = new Map(
    [...results].map(([name, runs]) => [name, runs.map((run) => run.cpu_us / run.events)]),
  );
  const rows = names.map((name) => {
    const each = cost.get(name)!;
    const against = (other: string): number[] => ratios(cost.get(other)!, each);
    return {
      name,
      what: CLIENTS[name],
      figures: {
        cpu_per_event: figure('CPU per event', 'µs', each),
        events_per_cpu_s: figure(
          'million events per CPU-second',
          '',
          each.map((us) => 1 / us),
        ),
        speed_vs_undici: figure('speed ÷ undici', '', against('undici')),
        speed_vs_parse: figure('speed ÷ undici with JSON.parse', '', against('parse')),
        ...(cost.has('openai') ? { speed_vs_openai: figure('speed ÷ openai', '', against('openai')) } : {}),
      },
    };
  });
  return {
    suite: 'flood',
    title: 'Flood',
    how: `${whole.streams} streams × ${events} events of 200 bytes (openai: 16 × ${sixteenth.events}), one HTTP chunk each, as fast as the server writes; ${bench.rounds} rounds in random order; median (min–max); CPU is user and system time of the whole process from the first connection on; ${PINNED}.`,
    rows,
    skipped,
  };
}
