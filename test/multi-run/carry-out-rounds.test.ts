/** @module-tag timed */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GoodputError } from '../../src/errors.ts';
import { hooksFrom } from '../../src/measure/hooks.ts';
import { StopRequests } from '../../src/measure/stop-requests.ts';
import { type CarryOut, carryOutRounds } from '../../src/multi-run/carry-out-rounds.ts';
import { runsOfRounds } from '../../src/multi-run/round-runs.ts';
import type { RoundsRecord } from '../../src/record/rounds-json.ts';
import { type Rounds, resolveRuns } from '../../src/scenario/runs.ts';

const scratch = await mkdtemp(join(tmpdir(), 'goodput-rounds-'));
afterAll(() => rm(scratch, { recursive: true }));

const TEXT = `endpoints:
  - { name: a, url: http://127.0.0.1:1/v1 }
  - { name: b, url: http://127.0.0.1:2/v1 }
`;

/** Carries out one round whose run folders do not exist. */
async function oneRound(
  carryOut: CarryOut,
  stop = new StopRequests(),
): Promise<{ record: RoundsRecord; error: unknown }> {
  const { endpoints } = resolveRuns({
    file: { path: 'two.yaml', text: TEXT },
    env: {},
    flags: {},
  }) as Rounds;
  const record: RoundsRecord = {
    schemaVersion: 1,
    version: 'test',
    name: 'test',
    started: '',
    endpoints: ['a', 'b'],
    rounds: 1,
    status: 'running',
    runs: [],
  };
  const folder = { dir: scratch, write: () => Promise.resolve() };
  const runs = runsOfRounds(endpoints, 1, 1);
  const error: unknown = await carryOutRounds({ folder, record, runs }, carryOut, hooksFrom({ stop })).then(
    () => null,
    (problem: unknown) => problem,
  );
  return { record, error };
}

async function failed(error: GoodputError) {
  return { folder: { dir: join(scratch, 'nothing') } as never, status: 'failed' as const, error };
}

test('the failure of a run is reported although nothing of the run can be read or written', async () => {
  const failure = new GoodputError('io', 'cannot write samples.jsonl: no space left on the disk (ENOSPC)');
  let runs = 0;
  const { error, record } = await oneRound(() => {
    runs++;
    return failed(failure);
  });
  expect(error).toBe(failure);
  expect(record.status).toBe('failed');
  expect(runs).toBe(1);
});

test('no run begins after a request to stop', async () => {
  const stop = new StopRequests();
  stop.request();
  const { error, record } = await oneRound(() => Promise.reject(new Error('a run began')), stop);
  expect(error).toBeNull();
  expect(record.status).toBe('interrupted');
});

test('each run gets the stop requests of its caller', async () => {
  const stop = new StopRequests();
  const seen: boolean[] = [];
  await oneRound((_resolved, hooks) => {
    seen.push(hooks.stop === stop);
    return failed(new GoodputError('io', 'the end'));
  }, stop);
  expect(seen).toEqual([true]);
});
