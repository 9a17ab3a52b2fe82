import { describe, expect, test } from 'vitest';
import {
  type MachineReading,
  betweenReadings,
  readMachine,
  ticksOf,
  waitedOf,
} from '../../src/health/machine-reading.ts';

describe('the counters of the system', () => {
  test('/proc/stat: only the first line, and guests are not counted twice', () => {
    const stat = 'cpu  100 20 30 800 40 5 6 9 70 10\ncpu0 50 10 15 400 20 2 3 4 35 5\nintr 1 2 3\n';
    expect(ticksOf(stat)).toEqual({ busy: 161, stolen: 9, all: 1010, processors: 1 });
    expect(ticksOf('cpu  1 2 3 4\n')).toEqual({ busy: 6, stolen: 0, all: 10, processors: 0 });
    expect(ticksOf('something else')).toBeNull();
    expect(ticksOf(null)).toBeNull();
  });

  test('/proc/pressure/cpu: the total of some, not of full', () => {
    const text =
      'some avg10=16.56 avg60=8.83 avg300=14.94 total=978253410\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n';
    expect(waitedOf(text)).toBe(978_253_410);
    expect(waitedOf('')).toBeNull();
    expect(waitedOf(null)).toBeNull();
  });
});

describe('between two readings', () => {
  const from: MachineReading = {
    monotonic_ms: 1000,
    cpu: { user: 100_000, system: 50_000 },
    load: 0.25,
    ticks: { busy: 100, stolen: 4, all: 1000, processors: 2 },
    waited_us: 10_000,
    uptime_ms: 61_000,
  };

  test('shares are relative to the time in between', () => {
    const to: MachineReading = {
      monotonic_ms: 3000,
      cpu: { user: 700_000, system: 150_000 },
      load: 1.5,
      ticks: { busy: 200, stolen: 24, all: 1400, processors: 2 },
      waited_us: 510_000,
      uptime_ms: 63_020,
    };
    expect(betweenReadings(from, to)).toEqual({
      process: { over_ms: 2000, cpu_user_ms: 600, cpu_system_ms: 100 },
      host: {
        load_before: 0.25,
        load_after: 1.5,
        busy_share: 0.25,
        steal_share: 0.05,
        pressure_share: 0.25,
        suspended_ms: 0,
        // A quarter of two processors is half a one; this process took 0.7 s of 2 s: others had 0.15.
        processors: 2,
        others_processors: 0.15,
      },
    });
  });

  test('a suspended machine: the time since boot advanced, the monotonic clock did not', () => {
    const { host } = betweenReadings(from, { ...from, monotonic_ms: 2000, uptime_ms: 61_000 + 1000 + 7500 });
    expect(host.suspended_ms).toBe(7500);
  });

  test('a missing value is null, and a share of no time is null', () => {
    const silent = { ...from, load: null, ticks: null, waited_us: null, uptime_ms: null };
    const nothing = {
      load_before: null,
      load_after: null,
      busy_share: null,
      steal_share: null,
      pressure_share: null,
      suspended_ms: null,
      processors: null,
      others_processors: null,
    };
    expect(betweenReadings(silent, silent).host).toEqual(nothing);
    expect(betweenReadings(from, from).host).toMatchObject({ busy_share: null, pressure_share: null });
  });
});

test('this machine has plausible counters', () => {
  const reading = readMachine();
  expect(reading.monotonic_ms).toBeGreaterThan(0);
  expect(reading.cpu.user).toBeGreaterThan(0);
  if (process.platform === 'linux') expect(reading.ticks!.all).toBeGreaterThan(0);
});
