import type { Bench } from '../bench.ts';
import { built } from '../build.ts';
import { command } from '../command.ts';
import type { SuiteResult } from '../report.ts';
import { figure } from '../rounds.ts';

const STEPS = {
  clone: 'structured clone (a worker hands a sample over)',
  encode: 'encode to a line',
  decode: 'decode a line',
};

/** Measures the cost of a sample on its way to the disk and back. */
export async function record(bench: Bench): Promise<SuiteResult> {
  const events = 100;
  const runs: Record<keyof typeof STEPS, number>[] = [];
  for (let round = 1; round <= bench.rounds; round++) {
    bench.log(`round ${round} of ${bench.rounds}`);
    const args = [built('bench/record-process.js'), bench.quick ? '500' : '5000', String(events)];
    runs.push(JSON.parse((await command(args, 120)).stdout) as Record<keyof typeof STEPS, number>);
  }
  return {
    suite: 'record',
    title: 'Recording',
    how: `CPU per output event, requests of ${events} events; ${bench.rounds} rounds; median (min–max).`,
    rows: Object.entries(STEPS).map(([name, what]) => ({
      name,
      what,
      figures: {
        cpu_per_event: figure(
          'CPU per event',
          'ns',
          runs.map((run) => run[name as keyof typeof STEPS]),
        ),
      },
    })),
    skipped: [],
  };
}
