import { describe, expect, it } from 'vitest';
import { accelerators, findAccelerator, PRECISIONS, SOURCES } from '../../src/machine/accelerators.ts';
import { parseHardwareFlag, splitFlag } from '../../src/machine/flags.ts';
import { ridge, tpotFloorSeconds, ttftFloorSeconds } from '../../src/machine/floors.ts';
import { resolveHardware } from '../../src/machine/hardware.ts';
import { hardwareOf, modelOf } from './cases.ts';

describe('catalogue', () => {
  it.each(accelerators())('$id: every figure has a known source or is unverified', (device) => {
    const { memory_gb, memory_mib_reported, bandwidth_gbps, tdp_w, interconnect_gbps, peak_tflops } = device;
    const figures = [memory_gb, memory_mib_reported, bandwidth_gbps, tdp_w, interconnect_gbps];
    for (const figure of [...figures, ...PRECISIONS.map((precision) => peak_tflops[precision])]) {
      if (figure === null || figure === undefined) continue;
      expect(figure.value).toBeGreaterThan(0);
      expect(figure.unverified === true ? figure.source : SOURCES[figure.source!]).toEqual(
        figure.unverified === true ? undefined : expect.any(String),
      );
    }
  });

  it.each([
    ['h100', ['h100-pcie', 'h100-sxm', 'h100-nvl']],
    ['h100-smx', ['h100-sxm']],
    ['a100-80', ['a100-sxm-80gb', 'a100-pcie-80gb']],
    ['MI300', ['mi300x']],
    ['NVIDIA L4', ['l4']],
  ])('%s is unknown, and the nearest names include %j', (id, nearest) => {
    const found = findAccelerator(id);
    expect(found).toMatchObject({ nearest: expect.arrayContaining(nearest) });
    expect((found as { nearest: string[] }).nearest[0]).toBe(nearest[0]);
  });

  it('has no nearest name for a word unlike all', () => {
    expect(findAccelerator('abacus9000')).toEqual({ nearest: [] });
  });
});

describe('hardware', () => {
  it('takes peaks, memory as the driver reports it, and bf16 from the catalogue', () => {
    expect(hardwareOf({ accelerator: 'H100-SXM', count: 4, pricePerHour: 2.49 })).toEqual({
      accelerator: 'h100-sxm',
      name: 'NVIDIA H100 SXM 80GB',
      count: 4,
      precision: 'bf16',
      flops: 989.4e12,
      bandwidth: 3350e9,
      memoryBytes: 81_559 * 2 ** 20,
      tdpWatt: 700,
      pricePerHour: 2.49,
      unverified: [],
    });
  });

  it('uses fp16 where there is no bf16 rate, and 10⁹ bytes per labelled gigabyte', () => {
    expect(hardwareOf({ accelerator: 't4' })).toMatchObject({
      precision: 'fp16',
      flops: 65e12,
      memoryBytes: 16e9,
    });
  });

  it('names the figures in use that are unverified', () => {
    expect(hardwareOf({ accelerator: 'apple-m4' }).unverified).toEqual(['peakFlops', 'memory']);
    expect(hardwareOf({ accelerator: 'apple-m4', peakFlops: 4e12, memory: 16e9 }).unverified).toEqual([]);
    expect(hardwareOf({ accelerator: 'tpu-v4' }).unverified).toEqual(['tdp']);
  });

  it('has no floor and no ridge without a rate, unless one is stated', () => {
    const model = modelOf({ config: 'llama-3.1-8b' });
    const none = hardwareOf({ accelerator: 'a100-sxm-80gb', precision: 'fp8' });
    expect([ridge(none), ttftFloorSeconds(model, none, 100), tpotFloorSeconds(model, none, 1, 100)]).toEqual([
      null,
      null,
      null,
    ]);
    const stated = hardwareOf({ accelerator: 'a100-sxm-80gb', precision: 'fp8', peakFlops: 4078e12 });
    expect(ridge(stated)).toBe(2000);
  });

  it.each([
    [{ accelerator: 'h100' }, 'accelerator', /h100-pcie, h100-sxm/],
    [{ accelerator: 'l4', count: 0 }, 'count', /0/],
    [{ accelerator: 'l4', count: 1.5 }, 'count', /1\.5/],
    [{ accelerator: 'l4', precision: 'fp12' as 'fp8' }, 'precision', /fp8.*fp12/],
    [{ accelerator: 'l4', pricePerHour: -1 }, 'pricePerHour', /-1/],
    [{ accelerator: 'l4', memory: 0 }, 'memory', /0/],
    [{ accelerator: 'l4', peakFlops: NaN }, 'peakFlops', /NaN/],
  ])('refuses %j', (settings, key, problem) => {
    expect(resolveHardware(settings)).toMatchObject({ key, problem: expect.stringMatching(problem) });
  });
});

describe('flags', () => {
  it('a part without = begins the next device', () => {
    expect(parseHardwareFlag('h100-sxm:4,pricePerHour=2.49,memory=80GiB, l40s:2,t4,peakFlops=6e13')).toEqual({
      ok: true,
      value: [
        { accelerator: 'h100-sxm', count: 4, pricePerHour: 2.49, memory: 80 * 2 ** 30 },
        { accelerator: 'l40s', count: 2 },
        { accelerator: 't4', peakFlops: 6e13 },
      ],
    });
  });

  it('a flag may consist of keys', () => {
    expect(splitFlag('input=0.15,output=0.6', { withHead: false })).toEqual({
      ok: true,
      value: [{ head: null, keys: { input: '0.15', output: '0.6' } }],
    });
  });

  it.each([
    ['', /empty part/],
    ['h100-sxm,,l4', /empty part/],
    ['h100-sxm:4:2', /h100-sxm:4/],
    ['h100-sxm:four', /count.*"four"/],
    ['h100-sxm:4,count=2', /count is given twice/],
    ['h100-sxm,memory=1GB,memory=2GB', /memory is given twice/],
    ['h100-sxm,pricePerHours=2', /did you mean "pricePerHour"/],
    ['h100-sxm,pricePerHour=cheap', /pricePerHour.*"cheap".*number/],
    ['h100-sxm,memory=80 gigs', /memory.*80GiB/],
  ])('refuses --hardware %j', (text, problem) => {
    expect(parseHardwareFlag(text)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });
});
