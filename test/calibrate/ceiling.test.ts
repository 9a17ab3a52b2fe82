import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Ceiling, ceilingWarnings } from '../../src/calibrate/ceiling.ts';
import { rank, stampErrors } from '../../src/calibrate/stamps.ts';
import { renderCeiling } from '../../src/render/ceiling.ts';
import { preflightWarnings } from '../../src/calibrate/preflight-warnings.ts';
import { resolveSingleRun } from '../../src/scenario/runs.ts';
import { calibrationFile, readCeiling, writeCeiling } from '../../src/calibrate/store.ts';

const STYLE = { color: false, unicode: true, width: 80 };

const scratch = await mkdtemp(join(tmpdir(), 'goodput-ceiling-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));

const CEILING: Ceiling = {
  measured: '2026-01-02T03:04:05.000Z',
  machine: { cpu: 'x', cores: 8, node: 'v24.0.0' },
  requests: { per_s: 2000, send_lag_p99_ms: 4 },
  events: { per_s: 2_000_000, cpu_us: 1.5 },
  paced: { per_s: 500_000, error_p99_us: 900 },
  streams: { held: 4000, most: 10_000 },
  stamps: { count: 1000, error_p50_us: 30, error_p99_us: 400 },
};

const demand = { requests_per_s: null, events_per_s: null, streams: null, workers: 1 };

describe('a scenario that needs more than half of a ceiling', () => {
  test('causes a warning for each', () => {
    expect(
      ceilingWarnings({ ...demand, requests_per_s: 1000, events_per_s: 250_000, streams: 2000 }, CEILING),
    ).toEqual([]);
    const warnings = ceilingWarnings(
      { ...demand, requests_per_s: 1001, events_per_s: 250_001, streams: 2001 },
      CEILING,
    );
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toMatch(/1001 requests\/s, 50\.05% of .* \(2000, by goodput calibrate\)/);
  });

  test('workers count up to the number of cores', () => {
    const asked = { ...demand, requests_per_s: 6900 };
    expect(ceilingWarnings({ ...asked, workers: 7 }, CEILING)).toEqual([]);
    expect(ceilingWarnings({ ...asked, workers: 3 }, CEILING)).toHaveLength(1);
    const small = { ...CEILING, machine: { ...CEILING.machine, cores: 2 } };
    expect(ceilingWarnings({ ...asked, requests_per_s: 1001, workers: 8 }, small)).toHaveLength(1);
  });

  test('events count as far as they are stamped in time; in an older calibration, as far as they are read', () => {
    const asked = { ...demand, events_per_s: 600_000 };
    const older = { ...CEILING, paced: { per_s: null, error_p99_us: null } };
    expect(ceilingWarnings(asked, CEILING)[0]).toMatch(/600,000 events\/s, 120% of .* \(500,000,/);
    expect(ceilingWarnings(asked, older)).toEqual([]);
    expect(ceilingWarnings({ ...asked, events_per_s: 1_200_000 }, older)[0]).toMatch(
      /60% of .* \(2,000,000,/,
    );
    const hasty: Ceiling = { ...CEILING, paced: { ...CEILING.paced, at_least: true } };
    expect(ceilingWarnings(asked, hasty)).toEqual([]);
  });

  test('a ceiling that was not measured causes no warning', () => {
    const unknown = { ...CEILING, requests: { per_s: null, send_lag_p99_ms: null } };
    expect(ceilingWarnings({ ...demand, requests_per_s: 1e6 }, unknown)).toEqual([]);
  });
});

test('a ceiling that was not reached in the time is shown as "at least", and causes no warning', () => {
  const hasty: Ceiling = { ...CEILING, requests: { per_s: 500, send_lag_p99_ms: 1, at_least: true } };
  expect(renderCeiling(hasty, STYLE)).toMatch(/^Requests +at least 500 requests\/s/m);
  expect(renderCeiling(hasty, STYLE)).toContain('--duration');
  expect(renderCeiling(CEILING, STYLE)).not.toContain('at least');
  expect(ceilingWarnings({ ...demand, requests_per_s: 499 }, hasty)).toEqual([]);
});

describe('the stored ceiling', () => {
  test('is in the named folder, else in the user’s cache', () => {
    expect(calibrationFile({ GOODPUT_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe(
      '/c/calibration.json',
    );
    expect(calibrationFile({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/goodput/calibration.json');
    expect(calibrationFile({ GOODPUT_CACHE_DIR: '', HOME: '/h' })).toBe('/h/.cache/goodput/calibration.json');
  });

  test('belongs to one machine', async () => {
    const file = join(scratch, 'new', 'calibration.json');
    const other = {
      ...CEILING,
      machine: { ...CEILING.machine, node: 'v26.0.0' },
      streams: { held: 9, most: 10 },
    };
    expect(await readCeiling(file, CEILING.machine)).toBeNull();
    await writeCeiling(file, CEILING);
    await writeCeiling(file, other);
    expect(await readCeiling(file, CEILING.machine)).toEqual(CEILING);
    expect(await readCeiling(file, other.machine)).toEqual(other);
    expect(await readCeiling(file, { ...CEILING.machine, cores: 4 })).toBeNull();
  });

  test('is never replaced if the file is damaged; a run warns and goes on', async () => {
    const env = { GOODPUT_CACHE_DIR: scratch };
    const file = calibrationFile(env);
    const { resolved } = resolveSingleRun({ file: null, env, flags: { rate: '1/s' } });
    expect(await preflightWarnings(resolved.scenario, env)).toEqual([]);
    for (const text of ['{"schemaVersion":1,"mach', 'null', '{"schemaVersion":2,"machines":{}}']) {
      await writeFile(file, text);
      await expect(writeCeiling(file, CEILING)).rejects.toMatchObject({ exitCode: 104 });
      expect(await readFile(file, 'utf8')).toBe(text);
      const [warning, ...others] = await preflightWarnings(resolved.scenario, env);
      expect(others).toEqual([]);
      expect(warning).toContain(file);
      expect(warning).toMatch(/[Dd]elete .* goodput calibrate/);
    }
  });
});

describe('stamp errors', () => {
  const text = (...instants: number[]): string => instants.map((ns) => String(ns).padStart(20, '0')).join('');

  test('are timestamp minus write, for each event', async () => {
    const samples = [
      { text: text(1_000_000, 3_000_000), events_us: [30, 2010] },
      // The last text was cut off: it tells no instant.
      { text: `${text(5_000_000)}123`, events_us: [4005, 1000] },
      { events_us: [7] },
    ];
    async function* all() {
      yield* samples;
    }
    const errors = await stampErrors(all(), 1_000_000n, 20);
    expect([...errors]).toEqual([5, 30, 40]);
    async function* late() {
      yield { text: text(5_449_423), events_us: [4565] };
    }
    // 4565 − 4449.423, without the digits that subtracting makes up.
    expect([...(await stampErrors(late(), 1_000_000n, 20))]).toEqual([115.577]);
    expect([rank(errors, 0.5), rank(errors, 0.99), rank(new Float64Array(), 0.5)]).toEqual([30, 40, null]);
  });
});
