/** @module-tag study */
import { expect, it } from 'vitest';
import { parseGate } from '../../src/slo/grammar.ts';
import { randomStream } from '../../src/random.ts';
import type { Sample } from '../../src/sample.ts';
import { judgeGate } from '../../src/verdict/gate.ts';
import { headerOf } from '../analysis/headers.ts';
import { run } from '../analysis/run.ts';
import { sampleOf } from '../metrics/samples.ts';

/**
 * A queue with a closed form: M/M/1 at load ρ, in which the time of a request in the system is exponential with the rate μ(1 − ρ). A limit
 * at its 90th percentile makes the true attainment exactly 90 %.
 */
const SERVICE_MS = 100;
const LOAD = 0.6;
const LIMIT_MS = (Math.log(10) * SERVICE_MS) / (1 - LOAD);
const REQUESTS = 1500;
const WARM_UP = 500;
const RUNS = 120;

function queue(seed: number): Sample[] {
  const random = randomStream(seed, 'M/M/1');
  const exponential = (mean: number): number => -mean * Math.log(1 - random.uniform());
  const samples: Sample[] = [];
  let arrived = 0;
  let free = 0;
  for (let i = -WARM_UP; i < REQUESTS; i++) {
    arrived += exponential(SERVICE_MS / LOAD);
    free = Math.max(free, arrived) + exponential(SERVICE_MS);
    if (i < 0) continue;
    const [planned_us, first_us] = [Math.round(arrived * 1000), Math.round(free * 1000)];
    samples.push(
      sampleOf({
        i,
        phase: 'measure',
        planned_us,
        sent_us: planned_us,
        events_us: [first_us],
        ended_us: first_us,
        answer: 0,
        finish: 'stop',
        tokens_from: 'usage',
        output_tokens: 1,
      }),
    );
  }
  return samples;
}

it('a server exactly at the limit passes a gate with 95% confidence in few runs, and a plain gate in half of them', async () => {
  const [plain, confident] = ['attainment >= 90%', 'attainment >= 90% with 95% confidence'].map((text) => {
    const gate = parseGate(text);
    if (!gate.ok) throw new Error(text);
    return gate.value;
  });
  const passes = { plain: 0, confident: 0, missed: 0 };
  for (let seed = 1; seed <= RUNS; seed++) {
    const samples = queue(seed);
    const window = { start_us: samples[0]!.planned_us, end_us: samples.at(-1)!.planned_us + 1 };
    const { report, values } = await run(samples, {
      header: headerOf({ window }),
      limits: { ttft: LIMIT_MS },
    });
    if (judgeGate(plain!, report, values).pass) passes.plain++;
    const result = judgeGate(confident!, report, values);
    if (result.pass) passes.confident++;
    else if (result.inconclusive !== true) passes.missed++;
  }
  // Two-sided 95 %: 5 % of 120 runs are 6. Of 800 runs each, 3.1, 3.5 and 5.5 % passed at loads 0.3, 0.6 and 0.8 (with a plain gate
  // 54, 56 and 60 %), and 1.3, 1.3 and 0 % were missed.
  expect(passes.confident).toBeLessThanOrEqual(10);
  expect(passes.missed).toBeLessThanOrEqual(14);
  expect(passes.plain).toBeGreaterThan(RUNS / 4);
}, 120_000);
