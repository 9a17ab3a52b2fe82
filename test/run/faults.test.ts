/** @module-tag timed */
import { describe, expect, it, test } from 'vitest';
import { FAULT_KINDS } from '../../src/faults.ts';
import { eventInstants, type Outcome, type Sample } from '../../src/sample.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { embedded } from './embedded.ts';

/** 24 requests of 10 tokens in some 30 ms each, over real sockets. */
const RUN: Flags = {
  preset: 'tiny',
  requests: '24',
  rate: '60/s',
  warmup: '0s',
  drain: '10s',
  'input-tokens': '16',
  'output-tokens': '10',
  'no-probe': true,
};

interface Case {
  fault: string;
  outcome: Outcome;
  /** The expected sample. */
  like?: (sample: Sample) => void;
  flags?: Flags;
}

const events =
  (least: number, most = least) =>
  (sample: Sample) => {
    expect(sample.events_us.length).toBeGreaterThanOrEqual(least);
    expect(sample.events_us.length).toBeLessThanOrEqual(most);
  };

/** Half of the requests, drawn from the seed. */
const CASES: readonly Case[] = [
  {
    fault: 'reset-before-headers share=50%',
    outcome: 'connect',
    like: (sample) => {
      expect(sample.status).toBeNull();
      expect(sample.error!.message).toMatch(/ECONNRESET|closed a new connection/);
    },
  },
  {
    fault: 'reset after=3 share=50%',
    outcome: 'stream_truncated',
    // A reset may throw away what was not read yet.
    like: events(0, 3),
  },
  {
    fault: 'hang after=2 share=50%',
    outcome: 'timeout',
    flags: { 'timeout-idle': '4s' },
    like: (sample) => {
      events(2)(sample);
      expect(sample.error!.kind).toBe('idle');
    },
  },
  {
    fault: 'hang after=0 share=50%',
    outcome: 'timeout',
    flags: { 'timeout-first-token': '4s' },
    like: (sample) => {
      events(0)(sample);
      expect(sample.error!.kind).toBe('first_token');
    },
  },
  {
    fault: 'error after=4 share=50%',
    outcome: 'stream_error',
    like: (sample) => {
      events(4)(sample);
      expect(sample.error!.message).toContain('the engine died');
    },
  },
  { fault: 'truncate after=5 share=50%', outcome: 'stream_truncated', like: events(5) },
  {
    fault: 'malformed after=1 share=50%',
    outcome: 'protocol_error',
    like: (sample) => {
      events(1)(sample);
      expect(sample.error!.message).toContain('not JSON');
    },
  },
  {
    fault: '429 retry-after=2500ms share=50%',
    outcome: 'rate_limited',
    like: (sample) => {
      expect(sample.status).toBe(429);
      expect(sample.error).toMatchObject({ code: 'rate_limit_exceeded', retry_after_ms: 2500 });
    },
  },
  {
    fault: '500 share=50%',
    outcome: 'http_error',
    like: (sample) => expect(sample.status).toBe(500),
  },
  {
    fault: '503 retry-after=1s share=50%',
    outcome: 'http_error',
    like: (sample) => {
      expect(sample.status).toBe(503);
      expect(sample.error!.retry_after_ms).toBe(1000);
    },
  },
  {
    fault: '529 retry-after=1500ms share=50%',
    outcome: 'http_error',
    like: (sample) => {
      expect(sample.status).toBe(529);
      expect(sample.error!.retry_after_ms).toBe(1500);
    },
  },
  {
    fault: 'slow-headers for=400ms share=50%',
    outcome: 'ok',
    like: (sample) => {
      expect(sample.headers_us! - sample.sent_us!).toBeGreaterThanOrEqual(400_000);
      expect(eventInstants(sample)[0]! - sample.sent_us!).toBeGreaterThanOrEqual(400_000);
    },
  },
  {
    fault: 'slow-headers for=20s share=50%',
    outcome: 'timeout',
    flags: { 'timeout-headers': '4s' },
    like: (sample) => expect(sample.error!.kind).toBe('headers'),
  },
  { fault: 'split share=50%', outcome: 'ok', like: events(10) },
  {
    fault: 'coalesce tokens=5 share=50%',
    outcome: 'ok',
    like: (sample) => {
      events(10)(sample);
      // Five in one read have one stamp, where the kernel did not cut it.
      const gaps = Array.from(sample.events_us).slice(1);
      expect(gaps.filter((gap) => gap === 0).length).toBeGreaterThanOrEqual(4);
    },
  },
];

describe('a fault is in the truth log, and a run records its kind', { concurrent: true }, () => {
  it.each(CASES)('$fault: $outcome', { timeout: 120_000 }, async ({ fault, outcome, like, flags }) => {
    const kind = fault.split(' ')[0]!;
    const { samples, log, truth } = await embedded({ ...RUN, ...flags, fault: [fault] });
    expect(samples).toHaveLength(24);
    const struck = [...log.requests.values()].filter((each) => each.fault === kind);
    // 24 requests with a share of one half: 4 to 20, except once in 4,000 draws. The seed makes the draw the same every time.
    expect(struck.length).toBeGreaterThanOrEqual(4);
    expect(struck.length).toBeLessThanOrEqual(20);
    expect(truth).toMatchObject({ whole: true, agrees: true });
    expect(truth.outcomes[outcome]!.truth).toBeGreaterThanOrEqual(struck.length);
    const ids = new Set(struck.map(({ id }) => id));
    const seen = samples.filter((sample) =>
      sample.headers['x-request-id'] === undefined
        ? sample.outcome === outcome
        : ids.has(sample.headers['x-request-id']),
    );
    expect(seen).toHaveLength(struck.length);
    for (const sample of seen) {
      expect(sample.outcome).toBe(outcome);
      like?.(sample);
    }
    // Nobody else is touched.
    expect(samples.filter((sample) => !seen.includes(sample)).every((each) => each.outcome === 'ok')).toBe(
      true,
    );
  });

  it(
    'refuse: the server does not listen for a while, then it listens again',
    { timeout: 120_000 },
    async () => {
      const { samples, log, truth } = await embedded({
        ...RUN,
        requests: '80',
        rate: '20/s',
        arrivals: 'constant',
        fault: ['refuse at=1s for=2s'],
      });
      expect(log.server).toEqual(new Map([['refuse', 1]]));
      expect(truth.agrees).toBe(true);
      const refused = samples.filter(({ outcome }) => outcome === 'connect');
      // Some 40 of the plan; on a machine that stalls the server goes late, and comes back in time.
      expect(refused.length).toBeGreaterThanOrEqual(1);
      for (const { sent_us, planned_us, ended_us } of refused) {
        expect(ended_us).toBeGreaterThan(1_000_000);
        // A machine that stalls lets the server come back late.
        expect(sent_us ?? planned_us).toBeLessThan(5_000_000);
      }
      expect(refused.some(({ error }) => error!.code === 'ECONNREFUSED')).toBe(true);
      expect(samples.filter(({ outcome }) => outcome === 'ok').length).toBe(80 - refused.length);
      const after = samples.filter(({ planned_us }) => planned_us > 3_200_000);
      expect(after.some(({ outcome }) => outcome === 'ok')).toBe(true);
    },
  );

  it(
    'refuse: a connection that was busy as it began is closed after its answer',
    { timeout: 120_000 },
    async () => {
      // Requests of some 120 ms, ten a second: one is always on its way, and its connection would carry the next.
      const { samples, truth } = await embedded({
        ...RUN,
        requests: '50',
        rate: '10/s',
        arrivals: 'constant',
        'output-tokens': '40',
        fault: ['refuse at=1s for=3s'],
      });
      expect(truth.agrees).toBe(true);
      const refused = samples.filter(({ outcome }) => outcome === 'connect');
      expect(refused.some(({ error }) => error!.code === 'ECONNREFUSED')).toBe(true);
    },
  );

  it('stall: the whole server is blocked, and no request fails', { timeout: 120_000 }, async () => {
    const { samples, log, truth } = await embedded({
      ...RUN,
      requests: '60',
      rate: '30/s',
      'output-tokens': '60',
      fault: ['stall at=1s for=700ms'],
    });
    expect(log.server).toEqual(new Map([['stall', 1]]));
    expect(truth).toMatchObject({ agrees: true, outcomes: { ok: { measured: 60, truth: 60 } } });
    const longest = samples.flatMap((sample) => Array.from(sample.events_us).slice(1));
    // The event before may have been read late.
    expect(Math.max(...longest)).toBeGreaterThanOrEqual(350_000);
    // It is the engine's own doing, by its own instants.
    const computed = [...log.requests.values()].map((each) =>
      Math.max(...each.computed_us.slice(1).map((at, k) => at - each.computed_us[k]!)),
    );
    expect(Math.max(...computed)).toBeGreaterThanOrEqual(700_000);
  });
});

test('every kind of fault has a test', () => {
  const tested = new Set<string>([...CASES.map(({ fault }) => fault.split(' ')[0]!), 'refuse', 'stall']);
  expect(tested).toEqual(new Set(FAULT_KINDS));
});

test(
  'the same seed strikes the same requests, and a window of time holds',
  { timeout: 120_000 },
  async () => {
    const flags: Flags = {
      ...RUN,
      arrivals: 'constant',
      rate: '20/s',
      fault: ['500 share=50%', '503 from=400ms until=800ms'],
    };
    const first = await embedded(flags);
    const again = await embedded(flags);
    const struck = ({ samples }: typeof first): number[] =>
      samples
        .filter(({ status }) => status === 500)
        .map(({ i }) => i)
        .toSorted((a, b) => a - b);
    // Requests 50 ms apart arrive in the order of their numbers, but for a stalled machine.
    expect(struck(again)).toEqual(struck(first));
    for (const { status, sent_us, ended_us } of first.samples) {
      if (status !== 503) continue;
      expect(ended_us).toBeGreaterThan(400_000);
      expect(sent_us!).toBeLessThan(800_000);
    }
    expect(first.samples.some(({ status }) => status === 503)).toBe(true);
  },
);
