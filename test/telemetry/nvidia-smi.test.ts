import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasNvidiaSmi, SmiReader } from '../../src/telemetry/nvidia-smi.ts';
import type { RawScrape } from '../../src/telemetry/target.ts';

const { PATH: before } = process.env;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'goodput-smi-'));
  process.env['PATH'] = `${dir}${delimiter}${before}`;
});
afterEach(async () => {
  process.env['PATH'] = before;
  await rm(dir, { recursive: true });
});

/** Installs a program with the name nvidia-smi. */
async function install(script: string): Promise<void> {
  const path = join(dir, 'nvidia-smi');
  await writeFile(path, `#!/bin/sh\n${script}`);
  await chmod(path, 0o755);
}

async function readings(count: number): Promise<RawScrape[]> {
  const scrapes: RawScrape[] = [];
  const enough = Promise.withResolvers<void>();
  const reader = new SmiReader(200, (scrape) => {
    scrapes.push(scrape);
    if (scrapes.length >= count) enough.resolve();
  });
  await reader.first;
  expect(scrapes.length).toBeGreaterThanOrEqual(1);
  await enough.promise;
  await reader.end();
  return scrapes;
}

const HEAD =
  'index, uuid, utilization.gpu [%], utilization.memory [%], memory.used [MiB], power.draw [W], clocks.current.sm [MHz], clocks.mem [MHz], temperature.gpu';

// The output of the driver 580.95.05, two H100, one without a sensor of power.
const LOOP = `echo '${HEAD}'
while :; do
echo '0, GPU-a, 97 %, 40 %, 71234 MiB, 412.50 W, 1980 MHz, 2619 MHz, 61'
echo '1, GPU-b, 3 %, 1 %, 4 MiB, [N/A], 345 MHz, 2619 MHz, 30'
sleep 0.2
done`;

test.skipIf(process.platform === 'win32')('reads all devices of each round, without units', async () => {
  await install(LOOP);
  expect(hasNvidiaSmi()).toBe(true);
  const scrapes = await readings(3);
  expect(scrapes.length).toBeGreaterThanOrEqual(3);
  for (const { values, error, target } of scrapes) {
    expect([target, error]).toEqual(['nvidia-smi', null]);
    expect(values).toMatchObject({
      'utilization.gpu{index="0",uuid="GPU-a"}': 97,
      'memory.used{index="1",uuid="GPU-b"}': 4,
      'power.draw{index="0",uuid="GPU-a"}': 412.5,
      'temperature.gpu{index="1",uuid="GPU-b"}': 30,
    });
    expect(Object.keys(values!).filter((key) => key.startsWith('power'))).toHaveLength(1);
  }
});

test.skipIf(process.platform === 'win32').each([
  ['echo "NVIDIA-SMI has failed because it could not reach the driver."\nexit 9', /code 9.*driver/],
  ['echo "Field \\"x\\" is not a valid field to query." >&2\nexit 2', /code 2.*valid field/],
])('a program that ends is a failed reading', async (script, error) => {
  await install(script);
  const [scrape] = await readings(1);
  expect(scrape).toMatchObject({ values: null, error: expect.stringMatching(error) });
});

test('a machine without the program has none on its path', () => {
  expect(hasNvidiaSmi(dir)).toBe(false);
});
