import { mkdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { readDocument } from '../document/read.ts';
import { CACHE_VARIABLE } from '../scenario/keys/option-table.ts';
import { CALIBRATION, type Calibration } from './calibration-json.ts';
import type { Ceiling, Machine } from './ceiling.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Returns the path of the file: in `GOODPUT_CACHE_DIR`, or in the user's cache folder (XDG). */
export function calibrationFile(env: Env): string {
  const set = (name: string): string | null =>
    env[name] === undefined || env[name] === '' ? null : env[name];
  const dir =
    set(CACHE_VARIABLE) ?? join(set('XDG_CACHE_HOME') ?? join(set('HOME') ?? homedir(), '.cache'), 'goodput');
  return join(dir, 'calibration.json');
}

const keyOf = ({ cpu, cores, node }: Machine): string => `${cpu}, ${cores} cores, Node ${node}`;

/**
 * Returns the stored ceiling of this machine; `null` if there is none.
 * @throws {GoodputError} kind `usage` if the file is damaged
 */
export async function readCeiling(file: string, machine: Machine): Promise<Ceiling | null> {
  const { machines } = await readCalibration(file);
  return machines[keyOf(machine)] ?? null;
}

/**
 * Stores the ceiling of a machine. Keeps those of other machines, which may share the home folder.
 * @throws {GoodputError} kind `usage` if the file is damaged; the error of the disk
 */
export async function writeCeiling(file: string, ceiling: Ceiling): Promise<void> {
  const { machines } = await readCalibration(file);
  const stored: Calibration = {
    schemaVersion: 1,
    machines: { ...machines, [keyOf(ceiling.machine)]: ceiling },
  };
  await mkdir(dirname(file), { recursive: true });
  const copy = `${file}.${process.pid}.tmp`;
  await writeFile(copy, `${JSON.stringify(stored, null, 2)}\n`);
  await rename(copy, file);
}

/**
 * Reads the ceilings of all machines.
 * @throws {GoodputError} kind `usage` if the file is damaged
 */
export const readCalibration = async (file: string): Promise<Calibration> =>
  (await readDocument(file, CALIBRATION, 'Delete the file, then run goodput calibrate.')) ?? {
    schemaVersion: 1,
    machines: {},
  };
