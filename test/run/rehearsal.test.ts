/** @module-tag timed */
import { Server } from 'node:net';
import type { createServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { DEFAULT_PROFILE } from '../../src/client/api/request-profile.ts';
import { DIRECT } from '../../src/client/connection/network-route.ts';
import { SharedCounters } from '../../src/load/shared.ts';
import type { FromWorker, WorkerTask } from '../../src/run/worker-messages.ts';
import { rehearse } from '../../src/run/rehearsal.ts';
import { unpack } from '../../src/run/sample-batch.ts';
import type { Sample } from '../../src/sample.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { UNCALIBRATED } from '../../src/workload/calibration.ts';

afterEach(() => vi.restoreAllMocks());

function taskOf(flags: Flags): WorkerTask {
  const { resolved } = resolveScenario({
    file: null,
    env: {},
    flags: { url: 'http://127.0.0.1:1/v1', ...flags },
  });
  return {
    worker: 3,
    workers: 4,
    scenario: resolved.scenario,
    url: 'http://127.0.0.1:1/v1',
    route: DIRECT,
    model: 'm',
    calibration: UNCALIBRATED,
    profile: DEFAULT_PROFILE,
    data: null,
    counters: new SharedArrayBuffer(SharedCounters.bytes(null)),
    channel: 'test',
  };
}

async function rehearsed(flags: Flags): Promise<Sample[]> {
  const samples: Sample[] = [];
  await rehearse(taskOf(flags), (message: FromWorker) => {
    if ('samples' in message) samples.push(...unpack(message.samples));
  });
  return samples;
}

const openSockets = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));

test.each(
  ['chat', 'completions', 'responses', 'messages'].flatMap((api): Flags[] => [
    { api, concurrency: '64' },
    { api, rate: '5/s' },
  ]),
)(
  'a load of $api is rehearsed with answers that are read whole, and leaves nothing behind',
  async (flags) => {
    const before = openSockets();
    const samples = await rehearsed(flags);
    const whole = samples.filter(({ outcome }) => outcome === 'ok');
    expect(whole.length).toBeGreaterThan(0);
    // On a machine that is too busy for all of them it ends early.
    expect(
      samples.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'aborted' && outcome !== 'not_sent'),
    ).toEqual([]);
    for (const { output_tokens, tokens_from, events_us } of whole)
      expect([output_tokens, tokens_from, events_us.length]).toEqual([12, 'usage', 12]);
    await vi.waitFor(() => expect(openSockets()).toEqual(before));
  },
);

test('without a free port there is no rehearsal, and nothing fails', async () => {
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function listen(
    this: ReturnType<typeof createServer>,
  ) {
    queueMicrotask(() => this.emit('error', new Error('no port')));
    return this;
  });
  expect(await rehearsed({ concurrency: '8' })).toEqual([]);
});
