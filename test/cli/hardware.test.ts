import { describe, expect, it } from 'vitest';
import catalogue from '../../src/machine/accelerators.json' with { type: 'json' };
import { goodput } from './goodput.ts';

describe('goodput hardware', () => {
  it('lists every device with its figures, and every source', async () => {
    const { code, stdout } = await goodput(['hardware']);
    expect(code).toBe(0);
    for (const { id } of catalogue.devices) expect(stdout).toContain(`\n${id} `);
    expect(stdout).toMatch(/^h100-sxm +80 +3350 +989\.4 +1979 +295 +700/m);
    expect(stdout).toMatch(/^t4 +16 +320 +65 fp16/m);
    expect(stdout).toMatch(/^tpu-v4 .* 192\?/m);
    for (const source of Object.values(catalogue.sources)) {
      expect(stdout.replaceAll(/\n +/g, ' ')).toContain(source);
    }
  });

  it('shows one device with its ridge by precision, its notes, and what is unverified', async () => {
    const { stdout } = await goodput(['hardware', 'MI250X']);
    expect(stdout).toMatch(/one gcd; 2 devices per OAM module/);
    // 191.5 TFLOP/s over 1,638.4 GB/s.
    expect(stdout).toMatch(/^bf16 +191\.5 +117 +\[\d\]/m);
    expect(stdout).toMatch(/^fp8 +[–-] +[–-]/m);
    expect((await goodput(['hardware', 'gaudi3'])).stdout).toMatch(/^int8 +not published/m);
    expect((await goodput(['hardware', 'apple-m4'])).stdout).toMatch(/4\.6\?[^]*\? unverified/);
  });

  it('--roofline rises to the ridge and is flat beyond it', async () => {
    const { stdout } = await goodput(['hardware', 'l4', '--roofline']);
    const rows = stdout.split('\n').filter((line) => /^ *[\d.]* \|/.test(line));
    expect(rows[0]).toMatch(/^ *242 \| +\/*8+$/);
    expect(rows.at(-1)).toMatch(/\|\//);
    // The slope ends where bf16 begins: one cell per column.
    const bf16 = rows.findIndex((row) => row.includes('b'));
    expect(rows.slice(bf16 + 1).every((row) => /\| *\/+$/.test(row))).toBe(true);
    expect(stdout).toContain('0.300 TB/s');
    expect(stdout).toMatch(/bf16, fp16: ridge at 403/);
  });

  it('--json prints the entry with its ridge, or the catalogue', async () => {
    const one = JSON.parse((await goodput(['hardware', 'h100-sxm', '--json'])).stdout) as object;
    const entry = catalogue.devices.find(({ id }) => id === 'h100-sxm')!;
    const { ridge, ...rest } = one as { ridge: Record<string, number | null> };
    expect(rest).toEqual(entry);
    expect(ridge['bf16']).toBeCloseTo(989.4e12 / 3350e9, 9);
    expect(ridge['fp4']).toBeNull();
    const all = JSON.parse((await goodput(['hardware', '--json'])).stdout) as object;
    expect(all).toMatchObject({ devices: catalogue.devices, sources: catalogue.sources });
  });

  it.each([
    [['hardware', 'h100'], /"h100".*h100-pcie, h100-sxm, h100-nvl/],
    [['hardware', '--roofline'], /--roofline.*h100-sxm/s],
  ])('%j is refused', async (args, message) => {
    expect(await goodput(args)).toMatchObject({ code: 104, stderr: expect.stringMatching(message) });
  });
});
