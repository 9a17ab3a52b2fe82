import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf } from './headers.ts';

/** A request that is sent at 1 s, with its first token after `ttft_ms`. */
const sample = (i: number, ttft_ms: number, server_timing?: Sample['server_timing']): Sample => ({
  ...sampleOf({ i, planned_us: 1e6, sent_us: 1e6, ended_us: 9e6, events_us: [1e6 + ttft_ms * 1000] }),
  ...(server_timing === undefined ? {} : { server_timing }),
});

const timingOf = async (samples: readonly Sample[]) =>
  (await analyze(headerOf(), '', samples, [])).client.serverTiming;

test('the residual of each request is its TTFT minus the server’s', async () => {
  const samples = [10, 20, 30, 40].map((ms, i) => sample(i, 100 + ms, { ttft_ms: 100, queue_ms: 7 }));
  expect(await timingOf([...samples, sample(4, 500)])).toEqual({
    requests: 4,
    from: 'ttft',
    residual_p50_ms: 20,
    residual_p99_ms: 40,
    residual_max_ms: 40,
  });
});

test('without the server’s TTFT it is minus the prefill', async () => {
  expect(await timingOf([sample(0, 90, { prefill_ms: 60.5, decode_ms: 5 })])).toMatchObject({
    from: 'prefill',
    residual_p50_ms: 29.5,
  });
});

test('answers without times have none', async () => {
  expect(await timingOf([sample(0, 90), sample(1, 90, { decode_ms: 5 })])).toBeNull();
});
