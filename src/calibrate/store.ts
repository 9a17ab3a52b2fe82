import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CACHE_VARIABLE } from '../scenario/keys/option-table.ts';
import type { Ceiling, Machine } from './ceiling.ts';

type Env = Readonly<Record<string, string | undefined>>;

interface Stored {
  schemaVersion: 1;
  machines: Record<string, Ceiling>;
}

/** Returns the path of the file: in `GOODPUT_CACHE_DIR`, or in the user's cache folder (XDG). */
export function calibrationFile(env: Env): string {
  const set = (name: string): string | null =>
    env[name] === undefined || env[name] === '' ? null : env[name];
  const dir =
    set(CACHE_VARIABLE) ?? join(set('XDG_CACHE_HOME') ?? join(set('HOME') ?? homedir(), '.cache'), 'goodput');
  return join(dir, 'calibration.json');
}

const keyOf = ({ cpu, cores, node }: Machine): string => `${cpu}, ${cores} cores, Node ${node}`;

/** Returns the stored ceiling of this machine; `null` if there is none. An unreadable file counts as empty, because it is a cache. */
export async function readCeiling(file: string, machine: Machine): Promise<Ceiling | null> {
  const stored = await readStored(file);
  return stored.machines[keyOf(machine)] ?? null;
}

/** Stores the ceiling of a machine. Keeps those of other machines, which may share the home folder. */
export async function writeCeiling(file: string, ceiling: Ceiling): Promise<void> {
  const { machines } = await readStored(file);
  const stored: Stored = { schemaVersion: 1, machines: { ...machines, [keyOf(ceiling.machine)]: ceiling } };
  await mkdir(dirname(file), { recursive: true });
  const copy = `${file}.${process.pid}.tmp`;
  await writeFile(copy, `${JSON.stringify(stored, null, 2)}\n`);
  await rename(copy, file);
}

async function readStored(file: string): Promise<Stored> {
  try {
    const stored = JSON.parse(await readFile(file, 'utf8')) as Partial<Stored>;
    if (stored.schemaVersion === 1 && typeof stored.machines === 'object' && stored.machines !== null)
      return { schemaVersion: 1, machines: stored.machines };
  } catch {
    // Missing or damaged: the ceiling is measured again.
  }
  return { schemaVersion: 1, machines: {} };
}
