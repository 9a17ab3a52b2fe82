/**
 * @module-tag timed
 * @module-tag study
 */
import { expect, test } from 'vitest';
import { openRun } from '../../src/record/reader.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { run } from '../analysis/run.ts';
import { type EmbeddedRun, embedded } from './embedded.ts';

/** A machine that is busy with something else moves waves; of three runs one meets a quiet moment. */
const ATTEMPTS = 3;

/** Responses of 0.7 s, so that waves are 4 s and moments of other programs are not much of them. */
const SERVER =
  'simulator: { engine: { maxNumSeqs: 16 }, cost: { kind: linear, base: 10000, prefillToken: 1, decodeSequence: 100 } }';
const RUN: Flags = { drain: '20s', 'no-probe': true, 'input-tokens': '20', 'output-tokens': '64' };

/** By how much the printed rate is off, from two readings of the server's own log. */
async function off({ dir, samples, log }: EmbeddedRun): Promise<number> {
  const { header } = await openRun(dir);
  const { report } = await run(samples, { header });
  const served = [...log.requests.values()].map(({ arrived_us, written_us }) => ({
    arrived_us,
    done_us: written_us.at(-1)!,
  }));
  expect(served).toHaveLength(samples.length);
  // Every slot went from one response to the next until it was idle: all responses ÷ their time, to the last idle slot and to the first.
  const first_us = Math.min(...served.map(({ arrived_us }) => arrived_us));
  const lastArrived_us = Math.max(...served.map(({ arrived_us }) => arrived_us));
  const ends = served.map(({ done_us }) => done_us).filter((at) => at > lastArrived_us);
  const [low, high] = [Math.max(...ends), Math.min(...ends)].map(
    (at) => served.length / ((at - first_us) / 1e6),
  );
  // The run's window and the same rule on the server's instants.
  const { start_us, end_us } = header.window!;
  const shares = served.map(
    ({ arrived_us, done_us }) =>
      Math.max(0, Math.min(done_us, end_us) - Math.max(arrived_us, start_us)) / (done_us - arrived_us),
  );
  const inWindow = shares.reduce((sum, share) => sum + share, 0) / ((end_us - start_us) / 1e6);
  const rps = report.rates.rps!;
  return Math.max(low! / rps - 1, rps / high! - 1, Math.abs(rps / inWindow - 1));
}

test.each<[string, Flags]>([
  ['by number: W closes when the first response of the last wave ends', { warmup: '0s', requests: '48' }],
  ['by duration: W closes in a wave', { warmup: '0s', duration: '3.9s' }],
  ['after a warm-up: W opens in a wave too', { warmup: '1.7s', duration: '2s' }],
])(
  'the rate of a closed loop agrees with the server’s own log, %s',
  { timeout: 120_000 },
  async (_, flags) => {
    let least = Infinity;
    for (let attempt = 1; attempt <= ATTEMPTS && least > 0.01; attempt++)
      least = Math.min(least, await off(await embedded({ ...RUN, concurrency: '8', ...flags }, SERVER)));
    expect(least).toBeLessThan(0.01);
  },
);
