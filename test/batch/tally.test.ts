import { expect, test } from 'vitest';
import { Tally } from '../../src/batch/figures/tally.ts';
import type { Outcome } from '../../src/sample.ts';
import { casesOf, relativeDifference } from '../machine/cases.ts';

interface BatchCase {
  upload_sent_us: number;
  results_received_us: number;
  requests: { outcome: Outcome; input_tokens?: number; cached_tokens?: number; output_tokens?: number }[];
  price: { input: number; output: number; cachedInput?: number };
}

test.each(casesOf<BatchCase, Record<string, unknown>>('batch'))('$name: $what', (each) => {
  const { upload_sent_us: sent_us, results_received_us: received_us, requests, price } = each.inputs;
  const tally = new Tally();
  for (const request of requests) tally.add(request);
  const stated = { cachedInput: price.input, ...price, per: 1e6, currency: 'USD' };
  const { cost, ...figures } = tally.figures({ sent_us, received_us }, stated, 1);
  expect(relativeDifference({ ...figures, ...cost }, each.expect)).toBeLessThanOrEqual(each.tolerance);
});

test('cached tokens have their price, and a factor applies to all', () => {
  const tally = new Tally();
  tally.add({ outcome: 'ok', input_tokens: 1000, cached_tokens: 400, output_tokens: 100 });
  tally.add({ outcome: 'ok' });
  tally.add({ outcome: 'timeout', input_tokens: 1000, output_tokens: 1000 });
  const price = { input: 2, cachedInput: 1, output: 10, per: 1000, currency: 'EUR' };
  const { cost, uncounted, makespan_s, rps } = tally.figures(null, price, 0.5);
  // (600 · 2 + 400 · 1 + 100 · 10) / 1000 / 2 = 1.3
  expect(cost).toMatchObject({
    currency: 'EUR',
    factor: 0.5,
    total: 1.3,
    per_request: 0.65,
    per_1m_output: 13000,
  });
  expect({ uncounted, makespan_s, rps }).toEqual({ uncounted: 1, makespan_s: null, rps: null });
});
