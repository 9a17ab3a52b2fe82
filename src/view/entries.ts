import { type Dirent, type Stats } from 'node:fs';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { CAPACITY_FILE, HEADER_FILE, SAMPLES_FILE, SUMMARY_FILE, SWEEP_FILE } from '../record/folder.ts';
import { ROUNDS_FILE } from '../record/rounds-json.ts';
import type { Entry, SeveralKind } from './entry.ts';
import { entryOfRun, entryOfRuns } from './read-entry.ts';

/** Files that mark a folder of several runs. */
const SEVERAL: readonly (readonly [file: string, kind: SeveralKind])[] = [
  [ROUNDS_FILE, 'rounds'],
  [SWEEP_FILE, 'sweep'],
  [CAPACITY_FILE, 'capacity'],
];
/** A run that has written nothing for longer is not being recorded any more: it was killed. */
const SILENT_MS = 60_000;
const LONGEST_DOCUMENT = 64 * 1024 * 1024;

interface Known {
  /** Sizes and times of the files that the entry was read from. */
  stamp: string;
  entry: Entry;
}

/**
 * The recorded runs below a folder. An entry is found by its identifier among those that were listed, so no text of a request becomes a
 * path. Links are not followed.
 */
export class Entries {
  /** Its real path. */
  readonly #root: string;
  readonly #known = new Map<string, Known>();
  #listed: readonly Entry[] = [];

  /** @param root a real path, without links */
  constructor(root: string) {
    this.#root = root;
  }

  /** Lists the runs and the folders of several runs, newest first. Only what has changed since the last call is read again. */
  async list(): Promise<readonly Entry[]> {
    const found: Entry[] = [];
    const names = await foldersIn(this.#root);
    const top = await this.#read('', null);
    if (top !== null) found.push(top);
    for (const name of names) {
      const entry = await this.#read(name, top?.kind === 'run' ? null : (top?.id ?? null));
      if (entry === null) continue;
      found.push(entry);
      if (entry.kind === 'run') continue;
      const inside: Entry[] = [];
      for (const below of await foldersIn(join(this.#root, name))) {
        const run = await this.#read(`${name}/${below}`, entry.id);
        if (run !== null && run.kind === 'run') inside.push(run);
      }
      found.push(...inside);
      Object.assign(entry, {
        runs: inside.length,
        started: entry.started ?? earliest(inside),
      });
    }
    const ids = new Set(found.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    this.#listed = found.toSorted((a, b) => (b.started ?? '').localeCompare(a.started ?? ''));
    return this.#listed;
  }

  /** Returns the folder of a listed entry; `null` if there is none with this identifier. */
  async find(id: string): Promise<{ entry: Entry; dir: string } | null> {
    const among = (entries: readonly Entry[]): Entry | undefined => entries.find((each) => each.id === id);
    const entry = among(this.#listed) ?? among(await this.list());
    if (entry === undefined) return null;
    const dir = this.#pathOf(id);
    return (await isWithin(this.#root, dir)) ? { entry, dir } : null;
  }

  #pathOf(id: string): string {
    return id === '.' ? this.#root : join(this.#root, ...id.split('/'));
  }

  /** Reads a folder; `null` if it holds no recorded run. */
  async #read(path: string, parent: string | null): Promise<Entry | null> {
    const id = path === '' ? '.' : path;
    const dir = this.#pathOf(id);
    const files = await filesIn(dir);
    if (files === null) return null;
    const several = SEVERAL.find(([file]) => files.has(file));
    if (!files.has(HEADER_FILE) && several === undefined) return null;
    const isRun = files.has(HEADER_FILE);
    const read = isRun ? [HEADER_FILE, SUMMARY_FILE] : [several![0]];
    const stamp = read.map((name) => stampOf(files.get(name))).join(' ');
    const known = this.#known.get(id);
    if (known?.stamp === stamp) return withRecording(known.entry, files);
    const textOfFile = async (name: string | undefined): Promise<string | null> =>
      name !== undefined && files.has(name) ? textOf(join(dir, name), files.get(name)!) : null;
    const [first, second] = [await textOfFile(read[0]), await textOfFile(read[1])];
    const entry = isRun ? entryOfRun(id, parent, first, second) : entryOfRuns(id, several![1], first);
    this.#known.set(id, { stamp, entry });
    return withRecording(entry, files);
  }
}

const earliest = (entries: readonly Entry[]): string | null =>
  entries
    .map(({ started }) => started)
    .filter((started) => started !== null)
    .toSorted((a, b) => a.localeCompare(b))[0] ?? null;

/** Returns true if a folder and the files in it are below the root when all links are followed. */
async function isWithin(root: string, dir: string): Promise<boolean> {
  try {
    const names = await readdir(dir, { withFileTypes: true });
    const paths = [dir, ...names.filter((each) => each.isSymbolicLink()).map(({ name }) => join(dir, name))];
    for (const path of paths) {
      const real = await realpath(path);
      if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

const foldersIn = async (dir: string): Promise<string[]> =>
  (await readdir(dir, { withFileTypes: true }).catch((): Dirent[] => []))
    .filter((each) => each.isDirectory())
    .map(({ name }) => name);

/** Returns the regular files of a folder; `null` if it cannot be read. */
async function filesIn(dir: string): Promise<Map<string, Stats> | null> {
  const names = await readdir(dir, { withFileTypes: true }).catch(() => null);
  if (names === null) return null;
  const known = new Set([HEADER_FILE, SAMPLES_FILE, SUMMARY_FILE, ...SEVERAL.map(([file]) => file)]);
  const found = new Map<string, Stats>();
  for (const each of names) {
    if (!each.isFile() || !known.has(each.name)) continue;
    const stats = await lstat(join(dir, each.name)).catch(() => null);
    if (stats?.isFile() === true) found.set(each.name, stats);
  }
  return found;
}

/** Returns a copy of an entry, marked if its run is being recorded. */
function withRecording(entry: Entry, files: ReadonlyMap<string, Stats>): Entry {
  const writtenAt = Math.max(...[HEADER_FILE, SAMPLES_FILE].map((name) => files.get(name)?.mtimeMs ?? 0));
  const isRecording = entry.status === 'running' && Date.now() - writtenAt < SILENT_MS;
  return { ...entry, ...(isRecording ? { recording: true } : {}) };
}

const stampOf = (stats: Stats | undefined): string =>
  stats === undefined ? '-' : `${stats.ino}:${stats.size}:${stats.mtimeMs}`;

const textOf = async (path: string, { size }: Stats): Promise<string | null> =>
  size > LONGEST_DOCUMENT ? null : readFile(path, 'utf8').catch(() => null);
