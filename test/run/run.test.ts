/** @module-tag timed */
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countArrivals } from '../../src/plan/arrivals.ts';
import { startEndpoint, type StartedEndpoint } from '../../src/simulator/index.ts';
import { shared } from '../shared.ts';
import { linear } from '../simulator/linear.ts';
import { interrupted, prepare, recorded } from './support.ts';

let endpoint: StartedEndpoint;
beforeAll(async () => {
  endpoint = await startEndpoint({ cost: linear({ base: 2000, prefillToken: 400 }) });
});
afterAll(() => endpoint.close());

const SMALL = { 'input-tokens': '20', 'output-tokens': '4', warmup: '300ms', drain: '20s' } as const;
const POISSON = { ...SMALL, rate: '40/s', duration: '1s', arrivals: 'poisson' } as const;

/** A port of 127.0.0.1 on which no server listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Answers every request at once, but never the first one. */
async function serverThatHoldsTheFirst(): Promise<{ url: string; close(): void }> {
  let requests = 0;
  const server = createHttpServer((request, response) => {
    request.resume();
    if (request.method === 'GET') response.end('{"data":[{"id":"m"}]}');
    else if (requests++ > 0)
      response.end(
        'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a run', () => {
  const byOneWorker = shared(async () => {
    const result = await prepare(endpoint.url, POISSON).run.carryOut();
    return { result, ...(await recorded(result)) };
  });

  it('records every planned request of an open loop, at the instants of the plan', async (context) => {
    const { result, header, samples } = await byOneWorker(context);
    expect(result.status).toBe('complete');
    expect(header.status).toBe('complete');
    const plan = countArrivals({
      seed: 42,
      load: {
        arrivals: 'poisson',
        burstiness: null,
        rate: 40,
        stages: null,
        warmup: 300,
        duration: 1000,
        requests: null,
        sessions: null,
      },
    })!;
    expect(samples.map(({ i }) => i)).toEqual(
      Array.from({ length: plan.warmup + plan.measure }, (_, i) => i),
    );
    expect(samples.filter(({ phase }) => phase === 'warmup')).toHaveLength(plan.warmup);
    expect(header.window).toEqual({ start_us: 300_000, end_us: 1_300_000 });
    for (const sample of samples) {
      expect(sample.outcome).toBe('ok');
      expect(sample.sent_us).toBeGreaterThanOrEqual(sample.planned_us);
      expect(sample.output_tokens).toBe(4);
      expect(sample.events_us).toHaveLength(4);
      // The endpoint takes 10 ms to the first token and 2 ms to each later one, and never less.
      expect(sample.events_us[0]! - sample.sent_us!).toBeGreaterThanOrEqual(10_000);
      expect(sample.planned_input).toBe(20);
      expect(sample.input_tokens).toBe(20);
    }
  });

  it('sends the same plan with two workers, request i from worker i mod 2', async (context) => {
    const one = await byOneWorker(context);
    const two = await recorded(await prepare(endpoint.url, { ...POISSON, workers: '2' }).run.carryOut());
    expect(two.samples.map(({ planned_us }) => planned_us)).toEqual(
      one.samples.map(({ planned_us }) => planned_us),
    );
    for (const { i, worker } of two.samples) expect(worker).toBe(i % 2);
    expect(two.header.workers).toHaveLength(2);
  });

  it('sends the requests that the integral of stages plans, and records the stages', async () => {
    const file = {
      path: 'ramp.yaml',
      text: 'load: { arrivals: constant, stages: [{ from: 0/s, to: 80/s, for: 1s }, { at: 30/s, for: 500ms }] }',
    };
    const { run } = prepare(endpoint.url, { ...SMALL, warmup: '0', workers: 'auto' }, file);
    const { header, samples } = await recorded(await run.carryOut());
    // 40 on the ramp, where Λ(t) = 40·t² puts request k at √(k/40) s; then 15, every 1/30 s.
    expect(samples.map(({ planned_us }) => planned_us)).toEqual([
      ...Array.from({ length: 40 }, (_, k) => Math.round(Math.sqrt(k / 40) * 1e6)),
      ...Array.from({ length: 15 }, (_, k) => Math.round(1e6 + (k * 1e6) / 30)),
    ]);
    for (const { sent_us, planned_us } of samples) expect(sent_us).toBeGreaterThanOrEqual(planned_us);
    expect(header.planned).toBe(55);
    expect(header.window).toEqual({ start_us: 0, end_us: 1_500_000 });
    expect(header.load).toMatchObject({
      rate_rps: null,
      stages: [
        { from_rps: 0, to_rps: 80, for_s: 1 },
        { from_rps: 30, to_rps: 30, for_s: 0.5 },
      ],
    });
    expect(header.workers).toHaveLength(1);
  });

  it('measures exactly the requested number of requests in a closed loop, and never exceeds its slots', async () => {
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

  it('never exceeds a cap, and records when each request was released', async () => {
    const { run } = prepare(endpoint.url, {
      ...SMALL,
      rate: '150/s',
      warmup: '100ms',
      duration: '600ms',
      'output-tokens': '8',
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

  it('sends no more requests after an interrupt, lets those in flight finish, and closes the window at the interrupt', async () => {
    const flags = { ...SMALL, rate: '50/s', duration: '60s', 'output-tokens': '100' };
    const result = await interrupted(endpoint.url, flags, 1).carryOut();
    const { header, samples } = await recorded(result);
    expect(result.status).toBe('interrupted');
    expect(header.status).toBe('interrupted');
    expect(header.window!.end_us).toBeLessThan(30_000_000);
    for (const { planned_us, outcome } of samples) {
      // A worker hears of it a moment after the window was closed.
      expect(planned_us).toBeLessThanOrEqual(header.window!.end_us + 1_000_000);
      expect(['ok', 'not_sent']).toContain(outcome);
    }
    expect(samples.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(10);
    // goodput watched itself in W, and not in the drain after the interrupt: its requests took 0.2 s each.
    const drained_ms = (Math.max(...samples.map(({ ended_us }) => ended_us)) - header.window!.end_us) / 1000;
    const window_ms = (header.window!.end_us - header.window!.start_us) / 1000;
    expect(header.process!.over_ms).toBeLessThan(window_ms + drained_ms / 2);
  });

  it('cuts the requests in flight at the second interrupt, and records them', async () => {
    const flags = { ...SMALL, rate: '50/s', duration: '60s', 'output-tokens': '5000' };
    const { header, samples } = await recorded(await interrupted(endpoint.url, flags, 2).carryOut());
    const aborted = samples.filter(({ outcome }) => outcome === 'aborted');
    expect(aborted.length).toBeGreaterThan(10);
    expect(aborted[0]!.error!.message).toBe('interrupted');
    // A drain of 20 s would have cut them later.
    for (const { ended_us } of aborted) expect(ended_us).toBeLessThan(header.window!.end_us + 20_000_000);
  });

  it('cuts unfinished requests when the drain ends', async () => {
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

  it('drains all workers of a closed loop of N requests once one slot is idle', async () => {
    const server = await serverThatHoldsTheFirst();
    const { run } = prepare(server.url, {
      ...SMALL,
      concurrency: '2',
      workers: '2',
      requests: '6',
      warmup: '0s',
      drain: '300ms',
      'timeout-total': '8s',
      'no-probe': true,
    });
    const { header, samples } = await recorded(await run.carryOut());
    server.close();
    const held = samples.filter(({ outcome }) => outcome !== 'ok');
    expect(held.map(({ outcome }) => outcome)).toEqual(['aborted']);
    expect(held[0]!.ended_us).toBeGreaterThanOrEqual(header.window!.end_us + 300_000);
    // goodput watched itself until the slot was idle, and not through the drain.
    expect(header.process!.over_ms * 1000).toBeLessThan(held[0]!.ended_us);
  });

  it('measures a single wave until its last completion: no drain cuts it', async () => {
    const { run } = prepare(endpoint.url, {
      ...SMALL,
      concurrency: '8',
      requests: '5',
      warmup: '0s',
      drain: '50ms',
      'output-tokens': '200',
    });
    const { header, samples } = await recorded(await run.carryOut());
    expect(samples.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'ok'));
    expect(header.window!.end_us).toBe(Math.max(...samples.map(({ ended_us }) => ended_us)));
  });

  it('ends at the preflight if no server listens; without a preflight, after the first failures', async () => {
    const url = `http://127.0.0.1:${await deadPort()}/v1`;
    const flags = { ...SMALL, rate: '20/s', duration: '60s' };
    const preflight = await prepare(url, flags).run.carryOut();
    const before = await recorded(preflight);
    expect([preflight.status, preflight.error?.kind]).toEqual(['failed', 'unusable']);
    expect(before.samples).toEqual([]);
    expect(before.header).toMatchObject({ status: 'failed', stopped_by: 'endpoint' });
    expect(before.header.probe!.note).toMatch(/ECONNREFUSED/);
    expect(before.header.fix).toContain(`is the server listening at ${url}?`);

    const without = await prepare(url, { ...flags, 'no-probe': true, warmup: '0s' }).run.carryOut();
    const { header, samples } = await recorded(without);
    expect(header).toMatchObject({ status: 'failed', stopped_by: 'endpoint', fix: before.header.fix });
    expect(samples.length).toBeGreaterThanOrEqual(10);
    for (const { outcome, sent_us } of samples) {
      expect(['connect', 'not_sent']).toContain(outcome);
      expect(sent_us).toBeNull();
    }
  });
});
