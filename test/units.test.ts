import { describe, expect, it } from 'vitest';
import { randomStream } from '../src/random.ts';
import {
  formatDuration,
  formatRate,
  formatShare,
  parseCount,
  parseDuration,
  parseRate,
  parseShare,
  parseSize,
} from '../src/units.ts';

const ok = (value: number): object => ({ ok: true, value });

describe('parseDuration', () => {
  it.each([
    ['200ms', 200],
    ['1.5s', 1500],
    ['.5s', 500],
    ['2m', 120_000],
    ['2min', 120_000],
    ['1h', 3_600_000],
    ['1m30s', 90_000],
    ['1m 30s', 90_000],
    ['250us', 0.25],
    ['250\u00b5s', 0.25],
    ['250\u03bcs', 0.25],
    ['1_000 ms', 1000],
    ['1e3ms', 1000],
    ['0.1s0.2ms', 100.2],
    [' 5ms ', 5],
    ['-1m30s', -90_000],
    ['0', 0],
    [0, 0],
  ])('reads %j as %d ms', (input, ms) => {
    expect(parseDuration(input)).toEqual(ok(ms));
  });

  it.each([
    '',
    's',
    '5',
    '5x',
    '5ms!',
    '1.2.3s',
    '1s-500ms',
    'soon',
    '1e999s',
    null,
    undefined,
    true,
    [],
    NaN,
  ])('refuses %j', (input) => {
    expect(parseDuration(input)).toMatchObject({
      ok: false,
      problem: { expected: expect.stringContaining('200ms') },
    });
  });

  it('suggests units for a number without one', () => {
    expect(parseDuration('1.5')).toMatchObject({ problem: { meant: '1.5ms or 1.5s' } });
    expect(parseDuration(200)).toMatchObject({ problem: { meant: '200ms or 200s' } });
  });
});

describe('parseRate, parseCount, parseShare', () => {
  it.each([
    ['5/s', 5],
    ['300/min', 5],
    ['300 / m', 5],
    ['1800/h', 0.5],
    ['2.5', 2.5],
    [7, 7],
  ])('reads the rate %j as %d per second', (input, perSecond) => {
    expect(parseRate(input)).toEqual(ok(perSecond));
  });

  it.each([
    ['4 req/s', '4/s'],
    ['4rps', '4/s'],
    ['2.5/second', '2.5/s'],
    ['300 requests/minute', '300/min'],
    ['10 per day', null],
  ])('suggests the rate that %j means: %j', (input, meant) => {
    const parsed = parseRate(input);
    if (parsed.ok) throw new Error('it was read');
    expect(parsed.problem.meant).toBe(meant);
  });

  it.each([
    ['500', 500],
    ['10k', 10_000],
    ['1.1k', 1100],
    ['1M', 1_000_000],
    ['1_000', 1000],
    ['1e3', 1000],
    [12, 12],
  ])('reads the count %j as %d', (input, count) => {
    expect(parseCount(input)).toEqual(ok(count));
  });

  it.each([
    ['5/fortnight', parseRate],
    ['fast', parseRate],
    ['1e999/s', parseRate],
    [Infinity, parseRate],
    [null, parseRate],
    ['10G', parseCount],
    ['ten', parseCount],
    [NaN, parseCount],
    ['most', parseShare],
    ['90%%', parseShare],
    [{}, parseShare],
  ])('refuses %j', (input, parse) => {
    expect(parse(input)).toMatchObject({ ok: false });
  });

  it('reads every percentage with three decimals as the nearest double, so that 999 of 1,000 is 99.9%', () => {
    for (let thousandths = 0; thousandths <= 100_000; thousandths++) {
      const text = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}%`;
      expect(parseShare(text)).toEqual(ok(thousandths / 100_000));
    }
    expect(parseShare('0.9')).toEqual(ok(0.9));
    expect(parseShare('9e1 %')).toEqual(ok(0.9));
    expect(parseShare(1)).toEqual(ok(1));
  });
});

describe('formatting', () => {
  it.each([
    [0, '0s'],
    [0.0004, '0.4us'],
    [0.35, '350us'],
    [1.25, '1.25ms'],
    [312.14, '312.1ms'],
    [1500, '1.5s'],
    [59_999, '60s'],
    [90_500, '1m30.5s'],
    [119_999.9, '2m'],
    [3_600_000, '1h'],
    [5_430_000, '1h30m30s'],
    [-90_000, '-1m30s'],
  ])('shows %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('returns durations that parse to the same value within half a per cent', () => {
    const random = randomStream(1, 'test');
    for (let k = 0; k < 5000; k++) {
      const ms = 10 ** (random.uniform() * 11 - 3);
      const back = parseDuration(formatDuration(ms));
      expect(back.ok && Math.abs(back.value - ms) <= 0.005 * ms, `${ms} → ${formatDuration(ms)}`).toBe(true);
    }
  });

  it('shows rates per second, or per minute below 1/s', () => {
    expect(formatRate(5)).toBe('5/s');
    expect(formatRate(0.5)).toBe('30/min');
    expect(formatRate(1 / 12)).toBe('5/min');
    expect(formatRate(0)).toBe('0/s');
  });

  it('never rounds a share to 100 % or 0 %', () => {
    expect(formatShare(0.9)).toBe('90%');
    expect(formatShare(14 / 15)).toBe('93.33%');
    expect(formatShare(1)).toBe('100%');
    expect(formatShare(0)).toBe('0%');
    expect(formatShare(0.99999)).toBe('99.999%');
    expect(formatShare(0.00001)).toBe('0.001%');
  });
});

describe('parseSize', () => {
  it.each([
    ['80GiB', 80 * 1024 ** 3],
    ['16.1GB', 16_100_000_000],
    ['512 MiB', 512 * 1024 ** 2],
    ['3kB', 3000],
    ['7B', 7],
    ['1e3', 1000],
    [42, 42],
  ])('%j is %d bytes', (input, bytes) => {
    expect(parseSize(input)).toEqual({ ok: true, value: bytes });
  });

  it.each([
    ['80G', '80GB'],
    ['80 gib', '80GiB'],
    ['80 gigabytes', null],
    ['iB', null],
  ])('%j is refused', (input, meant) => {
    expect(parseSize(input)).toMatchObject({ ok: false, problem: { meant } });
  });
});
