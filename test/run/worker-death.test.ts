import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { GoodputError } from '../../src/errors.ts';
import { prepare, recorded } from './support.ts';

vi.mock('../../src/run/workers.ts', () => ({
  Workers: class {
    async ready(): Promise<void> {}
    async done(): Promise<never> {
      await sleep(400);
      throw new GoodputError('worker', 'load worker 0 died: it exited with code 1');
    }
    send(): void {}
    async terminate(): Promise<void> {}
  },
}));

it('counts as planned only the requests that were due before the worker died', async () => {
  const { run } = prepare('http://127.0.0.1:9/v1', {
    rate: '20/s',
    arrivals: 'constant',
    warmup: '0s',
    duration: '60s',
    'no-probe': true,
  });
  const result = await run.carryOut();
  const { header } = await recorded(result);
  expect(result.status).toBe('failed');
  const { end_us } = header.window!;
  expect(end_us).toBeLessThan(30_000_000);
  // Request k is due at k · 50 ms; one due at the very end counts.
  expect(header.planned).toBe(Math.floor(end_us / 50_000) + 1);
});
