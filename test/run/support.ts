import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openRun } from '../../src/record/reader.ts';
import { Run, type RunResult } from '../../src/run/run.ts';
import type { Sample } from '../../src/sample.ts';
import type { LiveState } from '../../src/lifecycle/live-figures.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';

const scratch = await mkdtemp(join(tmpdir(), 'goodput-run-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));

let count = 0;

/** Prepares a run against `url` with the given flags and file, into a scratch folder. */
export function prepare(
  url: string,
  flags: Flags,
  file: { path: string; text: string } | null = null,
  onProgress: (state: LiveState) => void = () => undefined,
): { run: Run; warnings: string[] } {
  const out = join(scratch, String(count++));
  const { resolved } = resolveScenario({ file, env: {}, flags: { url, out, ...flags } });
  const warnings: string[] = [];
  const run = new Run({
    resolved,
    url,
    data: null,
    version: 'test',
    io: { progress: onProgress, warn: (text) => warnings.push(text) },
  });
  return { run, warnings };
}

/** Prepares a run that is interrupted `presses` times: after it has measured for a while, then while it drains. */
export function interrupted(url: string, flags: Flags, presses: number): Run {
  let left = presses;
  const { run } = prepare(url, flags, null, ({ phase, sent }) => {
    const isTime = left === presses ? phase === 'measure' && sent >= 40 : phase === 'drain';
    if (left === 0 || !isTime) return;
    left--;
    run.interrupt();
  });
  return run;
}

/** Returns the content of the run folder, samples in the order of the plan. */
export async function recorded(result: RunResult) {
  const { header, samples } = await openRun(result.folder.dir);
  const all: Sample[] = [];
  for await (const sample of samples()) all.push(sample);
  return { header, samples: all.toSorted((a, b) => a.i - b.i) };
}
