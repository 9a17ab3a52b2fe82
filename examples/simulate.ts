// Simulates a model on accelerators on a virtual clock, at several loads:  node simulate.ts
import { simulate } from 'goodput';

for (const rate of [1, 4, 16]) {
  const { summary } = await simulate({
    simulator: { preset: 'llama-3.1-8b-h100' },
    workload: {
      input: { distribution: 'lognormal', mean: 512, stddev: 256, max: 4096 },
      output: { tokens: 128 },
    },
    load: { rate, warmup: '10s', duration: '2m' },
    slo: { ttft: '200ms', tpot: '20ms' },
    seed: 7,
  });
  const { ttft, tpot } = summary.metrics;
  console.log(
    `${rate}/s: TTFT p95 ${ttft?.p95} ms, TPOT p95 ${tpot?.p95} ms, attainment ${summary.slo?.attainment.value}`,
  );
}
