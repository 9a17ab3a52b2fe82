import { significant } from '../numbers.ts';
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { expandFiles } from '../dataset/files.ts';
import { GoodputError } from '../errors.ts';
import type { ScenarioFile } from '../scenario/file.ts';
import { SCENARIO_KEYS } from '../scenario/keys/keys.ts';
import { valueAt } from '../scenario/keys/map.ts';
import { type Path, pathText } from '../scenario/keys/problem.ts';
import { variablesIn } from '../scenario/scenario-secrets.ts';
import { reasonOf } from '../system-errors.ts';
import { scenarioWithoutComments } from './scenario-text.ts';

/** A file of a ConfigMap or a Secret. */
interface MountedFile {
  /** Its key there. */
  key: string;
  /** The path below the folder where it is mounted. */
  path: string;
}

/** A file that a ConfigMap holds. */
export interface PackedFile extends MountedFile {
  content: Buffer;
}

/** A file that a Secret must hold, such as the private key of a client certificate; `from` is its path on this machine. */
export interface SecretFile extends MountedFile {
  from: string;
}

export interface Packed {
  /** The path of the scenario below the folder where the files are mounted. */
  scenario: string;
  /** The scenario first. */
  files: readonly PackedFile[];
  secretFiles: readonly SecretFile[];
  /** Paths that name files of the image or of a volume: absolute ones, and those with a variable. */
  elsewhere: readonly { key: string; path: string }[];
}

/** The most bytes that a ConfigMap holds (`MaxSecretSize` of Kubernetes, which is also the limit of ConfigMaps). */
export const CONFIG_MAP_BYTES = 1024 * 1024;

/**
 * Reads the scenario and the files that it names, for a ConfigMap. Their paths relative to each other do not change.
 * @throws {GoodputError} kind `usage` if a file cannot be read, or all together are larger than a ConfigMap
 */
export async function pack(file: ScenarioFile, text: string): Promise<Packed> {
  const named = namedFiles(file);
  const isElsewhere = ({ written }: NamedFile): boolean =>
    isAbsolute(written) || variablesIn(written).length > 0;
  const inside: { place: Path; path: string }[] = [];
  for (const { place, written } of named.filter((each) => !isElsewhere(each))) {
    const path = join(dirname(file.path), written);
    const found = place[0] === 'workload' ? await expandFiles([path]) : [path];
    inside.push(...found.map((each) => ({ place, path: each })));
  }
  const root = commonFolder([file.path, ...inside.map(({ path }) => path)]);
  const below = (path: string): string => relative(root, resolve(path)).split(sep).join('/');
  const keys = new Set<string>();
  const scenario = below(file.path);
  const content = Buffer.from(scenarioWithoutComments(text));
  const files: PackedFile[] = [{ key: keyOf(scenario, keys), path: scenario, content }];
  const secretFiles: SecretFile[] = [];
  let left = CONFIG_MAP_BYTES - content.length;
  for (const { place, path } of inside) {
    const at = below(path);
    if ([...files, ...secretFiles].some((each) => each.path === at)) continue;
    const key = keyOf(at, keys);
    if (place[1] === 'tls' && place[2] === 'key') {
      secretFiles.push({ key, path: at, from: path });
      continue;
    }
    const read = await contentOf(path, { left, where: placeText(file, place) });
    left -= read.length;
    files.push({ key, path: at, content: read });
  }
  const elsewhere = named
    .filter(isElsewhere)
    .map(({ place, written }) => ({ key: pathText(place), path: written }));
  return { scenario, files, secretFiles, elsewhere };
}

interface NamedFile {
  place: Path;
  written: string;
}

/** Keys that are paths, but not of files that a run reads. */
const NOT_READ = ['run.out', 'endpoint.unixSocket'];

/** The keys of a scenario that name files, and the short form of one of them. */
const PLACES: readonly Path[] = [
  ...SCENARIO_KEYS.filter(({ path, info }) => info?.type.startsWith('path') && !NOT_READ.includes(path)).map(
    ({ path }) => path.split('.'),
  ),
  ['workload', 'data'],
];

/** Returns the paths in a scenario as written. */
function namedFiles(file: ScenarioFile): NamedFile[] {
  const found = PLACES.flatMap((place) => {
    const value = valueAt(file.tree, place);
    if (!Array.isArray(value)) return [{ place, written: value }];
    return value.map((written: unknown, at) => ({ place: [...place, at], written }));
  });
  const named = found.filter((each): each is NamedFile => typeof each.written === 'string');
  const stdin = named.find(({ written }) => written === '-');
  if (stdin === undefined) return named;
  throw new GoodputError('usage', `${placeText(file, stdin.place)}: stdin cannot be packed`, {
    hint: 'Name a file.',
  });
}

function placeText(file: ScenarioFile, place: Path): string {
  const { line, column } = file.locate(place, 'value');
  return `${file.path}:${line}:${column}: ${pathText(place)}`;
}

async function contentOf(path: string, { left, where }: { left: number; where: string }): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size <= left) return await readFile(path);
    throw new GoodputError(
      'usage',
      `${where}: ${path} has ${sizeText(size)}, and the scenario with its files is larger than 1 MiB, the limit of a ConfigMap`,
      {
        hint: 'Put the file on a volume (--pvc NAME mounts one at /results) or into the image, and write its absolute path there.',
      },
    );
  } catch (error) {
    if (error instanceof GoodputError) throw error;
    throw new GoodputError('usage', `${where}: cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

const sizeText = (bytes: number): string =>
  bytes < CONFIG_MAP_BYTES
    ? `${Math.ceil(bytes / 1024)} KiB`
    : `${significant(bytes / CONFIG_MAP_BYTES)} MiB`;

/** Returns the deepest folder that contains all paths. */
function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => dirname(resolve(path)).split(sep));
  const end = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  return (end === -1 ? first : first.slice(0, end)).join(sep) || sep;
}

/** Returns a key for a path, valid in a ConfigMap and different from all in `taken`. */
function keyOf(path: string, taken: Set<string>): string {
  const plain = path.replaceAll(/[^\w.-]+/g, '-').slice(-200);
  let key = plain;
  for (let n = 2; taken.has(key); n++) key = `${n}-${plain}`;
  taken.add(key);
  return key;
}
