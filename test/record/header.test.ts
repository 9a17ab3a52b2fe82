import { describe, expect, test } from 'vitest';

import { decodeHeader, encodeHeader } from '../../src/record/run-json.ts';
import { headerOf } from './builders.ts';

const HEADER = headerOf();

/** Written by hand from the contract. */
const GOLDEN = `{
  "schemaVersion": 1,
  "version": "0.1.0",
  "id": "r1",
  "name": "chat",
  "started": "2025-11-24T09:41:05.000Z",
  "origin": {
    "epoch_ms": 1763977265000,
    "monotonic_ns": "81985529216486895"
  },
  "scenario": {
    "load": {
      "rate": "5/s"
    }
  },
  "seed": 42,
  "environment": {
    "node": "v24.21.0",
    "os": "linux",
    "cpu": "x",
    "cores": 2,
    "memory_bytes": 1024
  },
  "endpoint": {
    "url": "http://127.0.0.1:1/v1",
    "api": "chat",
    "model": "m",
    "simulated": false,
    "said": {}
  },
  "load": {
    "loop": "open",
    "arrivals": "poisson",
    "rate_rps": 5,
    "concurrency": null,
    "max_concurrency": null,
    "clock": "planned",
    "requests": null,
    "warmup_s": 0,
    "duration_s": 60
  },
  "window": null,
  "phases": [],
  "planned": null,
  "workers": [],
  "main": null,
  "process": null,
  "host": null,
  "probe": null,
  "notes": [],
  "status": "running",
  "reason": null
}
`;

describe('run.json', () => {
  test('its bytes', () => {
    expect(encodeHeader(headerOf())).toBe(GOLDEN);
  });

  test('its bytes do not depend on the order of the keys in memory', () => {
    const { reason, status, ...rest } = HEADER;
    const backwards = { reason, status, ...rest };
    expect(encodeHeader(backwards)).toBe(GOLDEN);
  });

  test('reads back what was written', () => {
    const full = headerOf({
      window: { start_us: 10_000_000, end_us: 70_000_000 },
      phases: [{ name: 'measure', start_us: 10_000_000, end_us: 70_000_000 }],
      planned: 300,
      workers: [
        {
          worker: 0,
          event_loop_delay_p50_ms: 0,
          event_loop_delay_p95_ms: 2,
          event_loop_delay_p99_ms: 5.5,
          stamp_delay_p99_ms: null,
          event_loop_delay_max_ms: 1.5,
          drain_delay_max_ms: 0.5,
          event_loop_utilization: 0.2,
          gc_pauses_ms: 3,
          gc_pause_max_ms: 1,
          connections_opened: 9,
        },
      ],
      main: {
        event_loop_delay_p50_ms: 0,
        event_loop_delay_p95_ms: null,
        event_loop_delay_p99_ms: null,
        stamp_delay_p99_ms: null,
        event_loop_delay_max_ms: 2,
        drain_delay_max_ms: 0,
        event_loop_utilization: 0.1,
        gc_pauses_ms: 4,
        gc_pause_max_ms: 2,
      },
      process: { over_ms: 60_000, cpu_user_ms: 900, cpu_system_ms: 100 },
      host: {
        load_before: 0.5,
        load_after: 0.6,
        busy_share: 0.3,
        steal_share: 0,
        pressure_share: null,
        suspended_ms: 0,
        processors: 2,
        others_processors: 0.5,
      },
      probe: { tokens_per_word: 1.3, overhead_tokens: 8, note: null, requests: 2 },
      notes: ['One wave only.'],
      status: 'interrupted',
      reason: 'Ctrl-C',
    });
    expect(decodeHeader(encodeHeader(full))).toEqual(full);
  });

  const HEALTH = { stamp_delay_p99_ms: null, event_loop_delay_max_ms: 1, worker: 0, connections_opened: 1 };

  test.each<[object, string]>([
    [{ notes: 'none' }, '"notes" is a string, not a list'],
    [{ notes: [5] }, '"notes[0]" is a number, not a string'],
    [{ process: { over_ms: 1, cpu_user_ms: 1 } }, '"process.cpu_system_ms" is missing'],
    [{ planned: 1e300 }, '"planned" is 1e+300; expected'],
    [{ origin: { epoch_ms: 1, monotonic_ns: '0x1' } }, '"origin.monotonic_ns"'],
    [{ window: { start_us: -1, end_us: 5 } }, '"window.start_us" is -1; expected'],
    [{ window: { start_us: 0, end_us: 1e15 } }, '"window.end_us" is 1000000000000000; expected'],
    [{ planned: '7' }, '"planned" is a string, not a number'],
    [{ workers: {} }, '"workers" is an object, not a list'],
    [
      { workers: [{ ...HEALTH, stamp_delay_p99_ms: null, event_loop_delay_max_ms: undefined }] },
      '"workers[0].event_loop_delay_max_ms" is missing',
    ],
    [
      { workers: [{ ...HEALTH, event_loop_delay_p95_ms: '2' }] },
      '"workers[0].event_loop_delay_p95_ms" is a string, not a number',
    ],
    [
      { workers: [HEALTH, { ...HEALTH, drain_delay_max_ms: 'x' }] },
      '"workers[1].drain_delay_max_ms" is a string, not a number',
    ],
    [
      { main: { stamp_delay_p99_ms: null, event_loop_delay_max_ms: true } },
      '"main.event_loop_delay_max_ms" is a boolean, not a number',
    ],
    [{ host: { steal_share: [] } }, '"host.steal_share" is a list, not a number'],
    [{ load: { loop: 'open', rate_rps: '5' } }, '"load.rate_rps" is a string, not a number'],
    [{ load: { loop: 'open', stages: [{ from_rps: 1, to_rps: 2 }] } }, '"load.stages[0].for_s" is missing'],
    [
      { endpoint: { url: 'http://a', api: 'chat', simulated: 'no' } },
      '"endpoint.simulated" is a string, not a boolean',
    ],
    [{ window: { start_us: 5 } }, '"window.end_us" is missing'],
  ])('damage is named: %j', (damage, message) => {
    expect(() => decodeHeader(JSON.stringify({ ...headerOf(), ...damage }))).toThrow(message);
  });

  test('absent keys get their defaults; unknown keys are kept', () => {
    const { window, phases, planned, workers, main, process, host, probe, notes, reason, ...rest } =
      headerOf();
    const read = decodeHeader(JSON.stringify({ ...rest, later: 1 }));
    expect(read).toEqual({
      ...rest,
      window,
      phases,
      planned,
      workers,
      main,
      process,
      host,
      probe,
      notes,
      reason,
      later: 1,
    });
  });

  test.each<[string, object | null, string]>([
    ['null', null, 'not an object'],
    ['no version', { ...HEADER, schemaVersion: undefined }, '"schemaVersion" is missing'],
    [
      'a later version',
      { ...HEADER, schemaVersion: 2 },
      'schemaVersion 2 is not readable here: this goodput reads 1',
    ],
    ['no origin', { ...HEADER, origin: undefined }, '"origin" is missing'],
    [
      'a number as clock',
      { ...HEADER, origin: { epoch_ms: 1, monotonic_ns: 5 } },
      '"origin.monotonic_ns" is a number, not a string',
    ],
    ['load of another kind', { ...HEADER, load: 'open' }, '"load" is a string, not an object'],
    [
      'a strange status',
      { ...HEADER, status: 'done' },
      '"status" is "done"; expected one of running, complete, interrupted, failed',
    ],
    ['half a window', { ...HEADER, window: { start_us: 1 } }, '"window.end_us" is missing'],
    [
      'a window backwards',
      { ...HEADER, window: { start_us: 2, end_us: 1 } },
      '"window" ends before it starts',
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => decodeHeader(JSON.stringify(value))).toThrow(new TypeError(message));
  });
});
