import { describe, expect, it } from 'vitest';
import { documentOf } from '../../src/capacity/capacity-document.ts';
import { search, type SearchSettings } from '../../src/capacity/capacity-search.ts';
import { type KnownServer, worldOf } from './simulated-runner.ts';

const SETTINGS: SearchSettings = { axis: 'rate', target: 0.9, budget_s: 1800, width: 0.1, seed: 7 };

async function answer(server: KnownServer, settings: Partial<SearchSettings> = {}, seed = 1) {
  const all = { ...SETTINGS, ...settings };
  const world = worldOf({ ...server, axis: all.axis, target: all.target }, seed);
  const found = await search(all, [], world);
  return { found, plans: world.plans, document: documentOf(found, all, null) };
}

describe('a server whose attainment is known at every load', () => {
  const CASES: readonly KnownServer[] = [
    { capacity: 3, slope: 4 },
    { capacity: 40, slope: 12 },
    { capacity: 0.7, slope: 60, e2e_s: 4 },
    { capacity: 250, slope: 3, e2e_s: 0.2 },
    { capacity: 40, slope: 12, turns: 3 },
  ];
  it.each(CASES)('capacity found: $capacity/s, slope $slope, $turns turns', async (server) => {
    const { document } = await answer(server, { width: 0.01 });
    expect(document.status).toBe('estimated');
    expect(Math.abs(Math.log(document.capacity_rps! / server.capacity))).toBeLessThan(0.06);
    expect(document.binding).toBe('ttft');
  });

  it('coverage of the 90 % interval', { tags: ['study'] }, async () => {
    let held = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { document } = await answer({ capacity: 8, slope: 6 }, { seed: 100 * seed }, seed);
      if (document.low_rps! <= 8 && document.high_rps! >= 8) held++;
    }
    // Fewer than 29 of 40 has a probability of 0.1 % at 90 %.
    expect(held).toBeGreaterThanOrEqual(29);
  });

  it.each([0.5, 0.8, 0.99])('capacity found for the target %d', async (target) => {
    const { document } = await answer({ capacity: 20, slope: 8 }, { target, width: 0.01 });
    expect(Math.abs(Math.log(document.capacity_rps! / 20))).toBeLessThan(0.08);
  });

  it('capacity found in requests in flight, as a whole number', async () => {
    const { document } = await answer({ capacity: 24, slope: 10 }, { axis: 'concurrency' });
    expect(document.capacity_concurrency).toSatisfy(Number.isInteger);
    expect(Math.abs(document.capacity_concurrency! - 24)).toBeLessThanOrEqual(2);
    // One second each, so what is completed by the second is as many as are in flight.
    expect(document.capacity_rps).toBeCloseTo(document.capacity_concurrency!, 0);
  });
});

describe('use of the time budget', () => {
  it('windows within the budget, each with its own seed', async () => {
    const { plans, found } = await answer({ capacity: 8, slope: 6 }, { width: 0.001 });
    expect(found.stopped).toBe('budget');
    expect(found.windows.reduce((sum, { took_s }) => sum + took_s + 2, 0)).toBeLessThanOrEqual(1800);
    expect(new Set(plans.map(({ seed }) => seed)).size).toBe(plans.length);
    const windows = plans.filter(({ kind }) => kind === 'refinement');
    expect(windows.length).toBeGreaterThanOrEqual(5);
    for (const { window_s, least_s } of windows) {
      expect(window_s).toBe(least_s);
      expect(window_s).toBeGreaterThanOrEqual(240);
    }
  });

  it('until the interval is as narrow as requested', async () => {
    const { document, found } = await answer({ capacity: 40, slope: 20 }, { width: 0.2 });
    expect(found.stopped).toBe('width');
    const { capacity_rps: value, low_rps: low, high_rps: high } = document;
    expect(Math.max(value! - low!, high! - value!) / value!).toBeLessThan(0.2);
  });

  it('at least four long windows, some of which met the target and some missed it', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { found } = await answer({ capacity: 40, slope: 20 }, { width: 0.9, seed: 100 * seed }, seed);
      expect(found.stopped).toBe('width');
      const windows = found.windows.filter(({ kind }) => kind === 'refinement');
      expect(windows.length).toBeGreaterThanOrEqual(4);
      const met = windows.filter(({ good, n }) => good >= 0.9 * n).length;
      expect(met).toBeGreaterThan(0);
      expect(met).toBeLessThan(windows.length);
    }
  });

  it('the windows are near the capacity, where they are most informative', { tags: ['study'] }, async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { plans } = await answer({ capacity: 8, slope: 6 }, { width: 0.001, seed: 100 * seed }, seed);
      const levels = plans.filter(({ kind }) => kind === 'refinement').map(({ level }) => level);
      const far = levels.filter((level) => Math.abs(Math.log(level / 8)) > 0.25);
      expect(far.length).toBeLessThanOrEqual(2);
    }
  });

  it('a later call continues from the windows of earlier ones', async () => {
    const server = { capacity: 8, slope: 6 };
    const first = await answer(server, { budget_s: 400, width: 0.001 });
    const settings = { ...SETTINGS, width: 0.001 };
    const world = worldOf(server);
    const found = await search(settings, first.found.windows, world);
    expect(world.plans.every(({ kind }) => kind === 'refinement')).toBe(true);
    expect(world.plans[0]!.number).toBe(first.found.windows.at(-1)!.number + 1);
    const width = ({ low, high }: { low: number; high: number }): number => high / low;
    expect(width(found.posterior!)).toBeLessThan(width(first.found.posterior!));
    // The answer depends on the set of probes alone.
    const again = await search({ ...settings, budget_s: 0 }, found.windows, world);
    expect(again.posterior!.median).toBe(found.posterior!.median);
  });

  it('a search that is interrupted before its first window is unanswered', async () => {
    const found = await search(SETTINGS, [], { ...worldOf({ capacity: 8, slope: 6 }), stopped: () => true });
    expect(found.stopped).toBe('interrupted');
    expect(documentOf(found, SETTINGS, null)).toMatchObject({ status: 'unanswered', capacity_rps: null });
  });
});

describe('other answers', () => {
  it('no load meets the target: 0, with the best attainment', async () => {
    const { document } = await answer({ capacity: 1, slope: 1, attainment: () => 0.3 });
    expect(document).toMatchObject({ status: 'never_met', capacity_rps: 0, low_rps: 0 });
    expect(document.best!.attainment).toBeLessThan(0.9);
    expect(document.reason).toMatch(/best attainment seen/);
  });

  it('the SLO is met at every load: the throughput is the limit', async () => {
    const { document } = await answer({ capacity: 1, slope: 1, attainment: () => 1, throughput: 12 });
    expect(document).toMatchObject({ status: 'never_the_limit', capacity_rps: null, completed_rps: 12 });
  });

  it('in closed loop: a doubled load that completes hardly more', async () => {
    const { document } = await answer(
      { capacity: 1, slope: 1, attainment: () => 1, throughput: 12 },
      { axis: 'concurrency' },
    );
    expect(document).toMatchObject({ status: 'never_the_limit', completed_rps: 12 });
  });

  it('goodput itself is the limit: at least the highest load that passed, and void windows are no fails', async () => {
    const { document, found } = await answer({ capacity: 100, slope: 10, client: 20 });
    expect(document).toMatchObject({ status: 'client_limited', capacity_rps: null, high_rps: null });
    expect(document.low_rps).toBeGreaterThan(8);
    expect(document.low_rps).toBeLessThanOrEqual(20);
    expect(found.windows.filter((probe) => probe.void !== null)).toHaveLength(2);
  });

  it('a server that is slow after idling is tested at a higher load before lower ones', async () => {
    const { document } = await answer({
      capacity: 1,
      slope: 1,
      attainment: (load) => (load > 6 && load < 14 ? 0.97 : 0.7),
    });
    expect(document.status).toBe('estimated');
    expect(document.capacity_rps).toBeGreaterThan(6);
  });
});
