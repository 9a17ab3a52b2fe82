import { describe, expect, it } from 'vitest';
import { arrivals } from '../../src/plan/arrivals.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { planRequests } from '../workload/single-requests.ts';

const LOAD: Scenario['load'] = {
  arrivals: 'poisson',
  burstiness: null,
  stages: null,
  rate: 5,
  concurrency: null,
  speed: 1,
  from: 0,
  spread: true,
  maxConcurrency: null,
  clock: 'planned',
  warmup: 1000,
  duration: 20_000,
  requests: null,
  sessions: null,
  drain: 1000,
};

const SCENARIO: Pick<Scenario, 'seed' | 'workload' | 'load'> = {
  seed: 42,
  workload: {
    input: { distribution: 'lognormal', mean: 24, stddev: 10, min: 1, max: null },
    output: { distribution: 'exponential', mean: 48, min: 1, max: null },
    exactOutput: false,
    prefix: null,
    sessions: null,
    data: null,
  },
  load: LOAD,
};

const CLOSED = { ...SCENARIO, load: { ...LOAD, rate: null, concurrency: 4 } };

function text(words: string): object {
  return { kind: 'text', text: words };
}

type PlannedRequest = ReturnType<typeof planRequests> extends Generator<infer T> ? T : never;

function first(count: number, requests: Iterable<PlannedRequest>): PlannedRequest[] {
  const taken: PlannedRequest[] = [];
  for (const request of requests) {
    taken.push(request);
    if (taken.length === count) break;
  }
  return taken;
}

describe('planRequests', () => {
  it('plans this for seed 42, on every machine', () => {
    expect(first(3, planRequests(SCENARIO))).toEqual([
      {
        i: 0,
        planned_us: 148_284,
        phase: 'warmup',
        input: 13,
        output: 1,
        prompt: text('finger differ card fight grass enter drive blue clear brown base dust feed'),
      },
      {
        i: 1,
        planned_us: 167_027,
        phase: 'warmup',
        input: 17,
        output: 159,
        prompt: text(
          'dance happy deal cloth else ball finger flat above farm clear from blue enemy case baby fresh',
        ),
      },
      {
        i: 2,
        planned_us: 186_757,
        phase: 'warmup',
        input: 11,
        output: 109,
        prompt: text('being cut far happy child eat hat cotton feet blue duck'),
      },
    ]);
  });

  it('combines the arrivals and the contents', () => {
    const requests = [...planRequests(SCENARIO)];
    expect(requests.map(({ i, planned_us, phase }) => ({ i, planned_us, phase }))).toEqual([
      ...arrivals(SCENARIO),
    ]);
    expect(requests.map(({ i }) => i)).toEqual([...requests.keys()]);
    expect(new Set(requests.map(({ phase }) => phase))).toEqual(new Set(['warmup', 'measure']));
  });

  it.each([SCENARIO, CLOSED])(
    'is the same plan in shares: together the workers send each request once',
    (scenario) => {
      const whole = first(60, planRequests(scenario));
      const shares = [0, 1, 2].flatMap((index) => first(20, planRequests(scenario, { index, of: 3 })));
      expect(shares.sort((a, b) => a.i - b.i)).toEqual(whole);
    },
  );

  it('has no instants in a closed loop, and no end', () => {
    const requests = first(2000, planRequests(CLOSED));
    expect(requests.every(({ planned_us, phase }) => planned_us === null && phase === null)).toBe(true);
    expect(requests.map(({ i }) => i)).toEqual([...Array(2000).keys()]);
    // The same requests as in open loop: only when they are sent differs.
    expect(requests[7]!.prompt).toEqual(first(8, planRequests(SCENARIO))[7]!.prompt);
  });

  it('is lazy: a plan of 10⁹ requests starts at once', () => {
    const endless = { ...SCENARIO, load: { ...LOAD, duration: null, requests: 1_000_000_000 } };
    expect(first(3, planRequests(endless)).map(({ i }) => i)).toEqual([0, 1, 2]);
  });

  it('differs from another seed in instants, sizes and texts', () => {
    const [a, b] = [42, 43].map((seed) => first(20, planRequests({ ...SCENARIO, seed })));
    for (const [k, request] of a!.entries()) {
      expect(request.planned_us).not.toBe(b![k]!.planned_us);
      expect(request.prompt).not.toEqual(b![k]!.prompt);
    }
    expect(a!.map(({ output }) => output)).not.toEqual(b!.map(({ output }) => output));
  });
});
