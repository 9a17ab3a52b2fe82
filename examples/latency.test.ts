// A test of latency with Vitest. Set ENDPOINT_URL to test a server; without it, the simulated engine on a virtual clock is tested.
import { measure, simulate } from 'goodput';
import { expect, test } from 'vitest';

const url = process.env['ENDPOINT_URL'];

test('chat answers quickly at 5 requests/s', async () => {
  const run = await (url === undefined ? simulate : measure)({
    ...(url === undefined ? {} : { endpoint: { url } }),
    workload: { input: { tokens: 512 }, output: { tokens: 128 } },
    load: { rate: '5/s', warmup: '10s', duration: '30s' },
    gates: ['ttft p95 <= 400ms', 'tpot p95 <= 50ms', 'error_rate <= 1%'],
  });
  // An invalid run must not pass or fail a test as if it had been measured.
  if (run.audit.status === 'invalid') throw new Error(run.summary.audit.reasons.join('\n'));
  expect(run.verdict.gates.filter((gate) => !gate.pass)).toEqual([]);
  expect(run.verdict.status).toBe('pass');
}, 120_000);
