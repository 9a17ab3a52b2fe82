import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import type { Disk } from '../../src/record/disk.ts';
import { createRunFolder } from '../../src/record/folder.ts';
import type { RunFolder, RunPlace } from '../../src/record/folder.ts';
import type { RunHeader } from '../../src/record/header.ts';
import type { RecordedRun } from '../../src/record/reader.ts';
import type { Sample } from '../../src/sample.ts';
import { headerOf } from './builders.ts';

/** A folder of the test's own, removed with it. */
export async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-record-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Calls `createRunFolder`, and closes the folder with the test. */
export async function created(
  place: RunPlace,
  { header = headerOf(), disk }: { header?: RunHeader; disk?: Disk } = {},
): Promise<RunFolder> {
  const folder = await createRunFolder(place, header, disk);
  onTestFinished(() => folder.close(header).catch(() => undefined));
  return folder;
}

export async function readAll(run: RecordedRun): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of run.samples()) samples.push(sample);
  return samples;
}
