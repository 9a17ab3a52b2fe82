// Measures an endpoint and prints its figures:  node measure.ts http://127.0.0.1:8000/v1
// Without a URL it measures the embedded simulated endpoint.
import { measure } from 'goodput';

const run = await measure({
  endpoint: { url: process.argv[2] ?? 'simulated' },
  workload: { input: { tokens: 256 }, output: { tokens: 32 } },
  load: { rate: '10/s', warmup: '1s', duration: '4s', drain: '30s' },
  slo: { ttft: '500ms', tpot: '100ms' },
  gates: ['attainment >= 90%'],
  onProgress: ({ phase, sent, failed }) =>
    process.stderr.write(`\r${phase}: ${sent} sent, ${failed} failed `),
});
process.stderr.write('\n');

const { counts, metrics, rates, audit, verdict } = run.summary;
console.log(`requests judged  ${counts.judged}, good ${counts.good}`);
console.log(`TTFT p50, p95    ${metrics.ttft?.p50} ms, ${metrics.ttft?.p95} ms`);
console.log(`TPOT p50         ${metrics.tpot?.p50} ms`);
console.log(`output           ${rates.output_tps?.toFixed(1)} tokens/s`);
console.log(`audit            ${audit.status}`);
for (const gate of verdict.gates)
  console.log(`gate             ${gate.gate}: ${gate.pass ? 'met' : 'missed'}`);
console.log(`run folder       ${run.dir}`);
process.exitCode = verdict.exitCode;
