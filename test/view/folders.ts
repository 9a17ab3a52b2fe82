import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'reports', 'example');

/** A text that is only outside of the served folder. */
export const CANARY = 'canary-outside-of-the-folder';

/** Copies the recorded example, with another name of its scenario. */
export async function copyRun(dir: string, name = 'smollm2'): Promise<void> {
  await cp(EXAMPLE, dir, { recursive: true });
  const path = join(dir, 'run.json');
  const header = JSON.parse(await readFile(path, 'utf8')) as { name: string };
  header.name = name;
  await writeFile(path, JSON.stringify(header));
}

/** A scratch folder that goes away with the tests of the file. */
export async function scratchFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-view-'));
  afterAll(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A folder with runs, and next to it what must not be served: a run, and ways that lead to it. */
export async function hostileFolders(): Promise<{ root: string; outside: string }> {
  const scratch = await scratchFolder();
  const [root, outside] = [join(scratch, 'reports'), join(scratch, 'outside')];
  await copyRun(join(root, 'a'));
  await copyRun(join(root, 'b'));
  await copyRun(outside, CANARY);
  await writeFile(join(scratch, 'secret.txt'), CANARY);
  await symlink(outside, join(root, 'linked-folder'));
  await copyRun(join(root, 'linked-samples'));
  await rm(join(root, 'linked-samples', 'samples.jsonl'));
  await symlink(join(outside, 'samples.jsonl'), join(root, 'linked-samples', 'samples.jsonl'));
  await mkdir(join(root, 'linked-header'));
  for (const name of ['run.json', 'samples.jsonl', 'summary.json'])
    await symlink(join(outside, name), join(root, 'linked-header', name));
  await mkdir(join(root, 'rounds'));
  const runs = ['../../outside', '../../outside'].map((run, k) => ({
    round: 1,
    endpoint: `e${k}`,
    seed: 1,
    run,
  }));
  const record = {
    schemaVersion: 1,
    version: '0',
    name: 'r',
    started: '2026-01-01T00:00:00Z',
    endpoints: ['e0', 'e1'],
  };
  await writeFile(
    join(root, 'rounds', 'rounds.json'),
    JSON.stringify({ ...record, rounds: 1, status: 'complete', runs }),
  );
  return { root, outside };
}
