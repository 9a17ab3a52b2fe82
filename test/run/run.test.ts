import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countArrivals } from '../../src/plan/arrivals.ts';
import type { LiveState } from '../../src/run/live.ts';
import type { Run } from '../../src/run/run.ts';
import { startEndpoint, type StartedEndpoint } from '../../src/simulator/index.ts';
import { prepare, recorded } from './support.ts';

let endpoint: StartedEndpoint;
beforeAll(async () => {
  endpoint = await startEndpoint({ ttftBase: 10, ttftPerInputToken: 0, ttftPerRequest: 0, tpot: 2 });
});
afterAll(() => endpoint.close());

const SMALL = { 'input-tokens': '20', 'output-tokens': '8', warmup: '300ms', drain: '20s' } as const;

/** A port of 127.0.0.1 on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Presses Ctrl-C so often once so many requests are out, however long that took. */
function interruptAfter(sent: number, presses: number): (run: Run, state: LiveState) => void {
  let left = presses;
  return (run, state) => {
    if (state.sent >= sent && left-- > 0) run.interrupt();
  };
}

describe('a run', () => {
  it('in open loop records every planned request, at the instants of the plan', async () => {
    const { run } = prepare(endpoint.url, { ...SMALL, rate: '60/s', duration: '1s', arrivals: 'poisson' });
    const result = await run.carryOut();
    const { header, samples } = await recorded(result);
    expect(result.status).toBe('complete');
    expect(header.status).toBe('complete');
    const plan = countArrivals({
      seed: 42,
      load: { arrivals: 'poisson', rate: 60, warmup: 300, duration: 1000, requests: null },
    })!;
    expect(samples.map(({ i }) => i)).toEqual(
      Array.from({ length: plan.warmup + plan.measure }, (_, i) => i),
    );
    expect(samples.filter(({ phase }) => phase === 'warmup')).toHaveLength(plan.warmup);
    expect(header.window).toEqual({ start_us: 300_000, end_us: 1_300_000 });
    for (const sample of samples) {
      expect(sample.outcome).toBe('ok');
      expect(sample.sent_us).toBeGreaterThanOrEqual(sample.planned_us);
      expect(sample.output_tokens).toBe(8);
      expect(sample.events_us).toHaveLength(8);
      // The endpoint takes 10 ms to the first token and 2 ms to each later one, and never less.
      expect(sample.events_us[0]! - sample.sent_us!).toBeGreaterThanOrEqual(10_000);
      expect(sample.planned_input).toBe(20);
      expect(sample.input_tokens).toBe(20);
    }
  });

  it('with two workers fires the same plan, request i in worker i mod 2', async () => {
    const flags = { ...SMALL, rate: '60/s', duration: '1s' };
    const one = await recorded(await prepare(endpoint.url, flags).run.carryOut());
    const two = await recorded(await prepare(endpoint.url, { ...flags, workers: '2' }).run.carryOut());
    expect(two.samples.map(({ planned_us }) => planned_us)).toEqual(
      one.samples.map(({ planned_us }) => planned_us),
    );
    for (const { i, worker } of two.samples) expect(worker).toBe(i % 2);
    expect(two.header.workers).toHaveLength(2);
  });

  it('in closed loop measures exactly the number of requests asked for, and never exceeds its slots', async () => {
    const { run } = prepare(endpoint.url, { ...SMALL, concurrency: '5', requests: '40' });
    const { header, samples } = await recorded(await run.carryOut());
    const measured = samples.filter(({ phase }) => phase === 'measure');
    expect(measured).toHaveLength(40);
    expect(samples.length).toBeGreaterThan(40);
    const edges = samples
      .flatMap(({ sent_us, ended_us }) => [[sent_us!, 1] as const, [ended_us, -1] as const])
      .toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
    let inFlight = 0;
    let most = 0;
    for (const [, step] of edges) most = Math.max(most, (inFlight += step));
    expect(most).toBe(5);
    // W closes when a slot is first left idle: some request of the last wave is still out then.
    const last = Math.max(...measured.map(({ ended_us }) => ended_us));
    expect(header.window!.end_us).toBeLessThanOrEqual(last + 5000);
    expect(header.window!.end_us).toBeGreaterThanOrEqual(
      Math.max(...measured.map(({ planned_us }) => planned_us)),
    );
  });

  it('under a cap never has more in flight, and records when each was released', async () => {
    const { run } = prepare(endpoint.url, {
      ...SMALL,
      rate: '150/s',
      duration: '800ms',
      'max-concurrency': '2',
      workers: '2',
    });
    const { samples } = await recorded(await run.carryOut());
    expect(samples.length).toBeGreaterThan(60);
    for (const { planned_us, released_us, sent_us, outcome } of samples) {
      expect(outcome).toBe('ok');
      expect(released_us).toBeGreaterThanOrEqual(planned_us);
      expect(sent_us).toBeGreaterThanOrEqual(released_us!);
    }
    // 150/s of 24 ms each ask for 3.6 at a time: the queue must have grown.
    expect(samples.at(-1)!.released_us! - samples.at(-1)!.planned_us).toBeGreaterThan(50_000);
  });

  it('that is interrupted sends nothing more, lets the rest end, and closes W at the interrupt', async () => {
    const { run } = prepare(
      endpoint.url,
      {
        ...SMALL,
        rate: '50/s',
        duration: '60s',
        'output-tokens': '100',
      },
      interruptAfter(40, 1),
    );
    const result = await run.carryOut();
    const { header, samples } = await recorded(result);
    expect(result.status).toBe('interrupted');
    expect(header.status).toBe('interrupted');
    expect(header.window!.end_us).toBeLessThan(10_000_000);
    for (const { planned_us, outcome } of samples) {
      expect(planned_us).toBeLessThanOrEqual(header.window!.end_us);
      expect(['ok', 'not_sent']).toContain(outcome);
    }
    expect(samples.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(10);
  });

  it('that is interrupted twice cuts what is out, and still has its line', async () => {
    const { run } = prepare(
      endpoint.url,
      {
        ...SMALL,
        rate: '50/s',
        duration: '60s',
        'output-tokens': '5000',
      },
      interruptAfter(40, 2),
    );
    const { samples } = await recorded(await run.carryOut());
    const aborted = samples.filter(({ outcome }) => outcome === 'aborted');
    expect(aborted.length).toBeGreaterThan(10);
    expect(aborted[0]!.error!.message).toBe('interrupted');
  });

  it('cuts what is unfinished when the drain ends', async () => {
    const { run } = prepare(endpoint.url, {
      ...SMALL,
      rate: '20/s',
      duration: '500ms',
      drain: '200ms',
      'output-tokens': '5000',
    });
    const { samples } = await recorded(await run.carryOut());
    for (const { outcome, ended_us } of samples) {
      expect(outcome).toBe('aborted');
      expect(ended_us).toBeGreaterThanOrEqual(1_000_000);
    }
  });

  it('against a port where nobody listens is complete, with every request failed and the way out told', async () => {
    const port = await deadPort();
    const { run, warnings } = prepare(`http://127.0.0.1:${port}/v1`, {
      ...SMALL,
      rate: '20/s',
      duration: '500ms',
    });
    const result = await run.carryOut();
    const { header, samples } = await recorded(result);
    expect(result.status).toBe('complete');
    expect(samples.length).toBeGreaterThan(5);
    for (const { outcome, sent_us } of samples) {
      expect(outcome).toBe('connect');
      expect(sent_us).toBeNull();
    }
    expect(header.probe!.note).toMatch(/connect/i);
    expect(header.notes.join('\n')).toContain('is the server listening');
    expect(warnings.length).toBeGreaterThan(0);
  });
});
