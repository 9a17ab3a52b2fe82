import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { folderOfRuns } from '../../src/multi-run/folder-of-runs.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { scratchFolder } from '../cli/goodput.ts';

const scratch = await scratchFolder();
const scenario = (out: string | null): Scenario => ({ name: 'chat', run: { out } }) as Scenario;

afterEach(() => vi.useRealTimers());

it('two searches that begin in one second have different folders, unless --out names one', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 2, 3, 4, 5, 678), toFake: ['Date'] });
  const before = process.cwd();
  process.chdir(scratch);
  try {
    const found: string[] = [];
    for (let k = 0; k < 3; k++) {
      found.push(folderOfRuns(scenario(null), 'capacity'));
      await mkdir(found.at(-1)!, { recursive: true });
    }
    const stem = join('reports', 'chat-capacity-20260102T030405Z');
    expect(found).toEqual([stem, `${stem}-2`, `${stem}-3`]);
    expect(folderOfRuns(scenario(found[0]!), 'capacity')).toBe(found[0]);
  } finally {
    process.chdir(before);
  }
});
