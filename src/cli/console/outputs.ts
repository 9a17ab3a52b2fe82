import { fstatSync, type Stats } from 'node:fs';
import { type FileHandle, open, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, extname, resolve, sep } from 'node:path';
import { didYouMean, GoodputError } from '../../errors.ts';
import { makeFolders, realDisk } from '../../record/disk.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import type { Exporter, Results } from '../../render/exporters.ts';
import { FORMATS } from '../../render/formats.ts';
import { styleOf } from '../../render/layout/style.ts';
import type { Flags } from '../../scenario/keys/options.ts';
import type { Io } from './io.ts';

/** Where results of one kind go: one form on stdout, and files. */
export interface Outputs<T> {
  /** Whether terminals may have colour. */
  readonly color: boolean;
  print(found: T, io: Io): void;
  /** @throws {GoodputError} kind `io` where a file cannot be written, after all others were */
  writeFiles(found: T, io: Io): Promise<void>;
  /** Both. @throws {GoodputError} as `writeFiles` */
  write(found: T, io: Io): Promise<void>;
  /** Closes what is open; a file that was made here and never written goes away. */
  close(): Promise<void>;
}

interface Target<T> {
  /** As given. */
  path: string;
  exporter: Exporter<T>;
}

/**
 * Opens every file that `--output` names, before anything is measured: what stood in them stays until results are there.
 * @throws {GoodputError} kind `usage` that lists every form that does not exist and every file that cannot be written
 */
export async function openOutputs<T>(flags: Flags, results: Results<T>): Promise<Outputs<T>> {
  const mistakes: string[] = [];
  const printed = printedForm(flags, results, mistakes);
  const targets = targetsOf(flags, results, mistakes);
  const files: OutputFile<T>[] = [];
  for (const target of targets) {
    const inside = insideFolder(target.path, flags, results);
    try {
      files.push(await OutputFile.open(target, inside === ''));
    } catch (error) {
      mistakes.push(`--output: cannot write ${target.path}: ${reasonOf(error, 'write')}${inside}`);
    }
  }
  const close = async (): Promise<void> => {
    for (const file of files) await file.close();
  };
  if (mistakes.length > 0) {
    await close();
    throw new GoodputError('usage', mistakes.join('\n'));
  }
  const color = flags['no-color'] !== true;
  const outputs: Outputs<T> = {
    color,
    close,
    async write(found, io) {
      outputs.print(found, io);
      await outputs.writeFiles(found, io);
    },
    print(found, io) {
      io.stdout.write(printed.render(found, styleOf(io.stdout, io.env, { color })));
    },
    async writeFiles(found, io) {
      const problems: string[] = [];
      for (const file of files) {
        try {
          await file.write(file.target.exporter.render(found, styleOf({}, io.env, { color: false })));
        } catch (error) {
          problems.push(`cannot write ${file.target.path}: ${reasonOf(error, 'write')}`);
        }
      }
      if (problems.length > 0) throw new GoodputError('io', problems.join('\n'));
    },
  };
  return outputs;
}

/** The folder of the results is made later, by what makes them. */
function insideFolder<T>(path: string, { out }: Flags, { noun }: Results<T>): string {
  if (typeof out !== 'string' || !resolve(path).startsWith(resolve(out) + sep)) return '';
  return `; the ${noun} makes its folder later: write beside it`;
}

/** For stdout: `--format`, `--json`, or text. */
function printedForm<T>(flags: Flags, results: Results<T>, mistakes: string[]): Exporter<T> {
  const wanted = typeof flags.format === 'string' ? flags.format : null;
  const named = (form: string) => results.exporters.find(({ format }) => format === form);
  const usual = named(flags.json === true ? 'json' : 'text')!;
  if (wanted === null) return usual;
  const found = named(wanted);
  if (found === undefined) mistakes.push(`--format: ${unknownForm(wanted, results)}`);
  else if (flags.json === true && found.format !== 'json')
    mistakes.push(`--format ${wanted} and --json: one form fits on stdout; -o FILE writes another`);
  return found ?? usual;
}

const formsOf = <T>({ exporters }: Results<T>): string[] => exporters.map(({ format }) => format);

/** Nobody has the form, or other results have it. */
function unknownForm<T>(word: string, results: Results<T>): string {
  const known = formsOf(results);
  const exists = FORMATS.some(({ format }) => format === word);
  const meant = exists ? null : didYouMean(word, known);
  const wrong = exists ? `a ${results.noun} has no form ${word}` : `there is no form ${JSON.stringify(word)}`;
  return `${wrong}; expected one of ${known.join(', ')}${meant === null ? '' : `; did you mean ${meant}?`}`;
}

function targetsOf<T>(flags: Flags, results: Results<T>, mistakes: string[]): Target<T>[] {
  const given = flags.output;
  const texts = given === undefined || given === true ? [] : typeof given === 'string' ? [given] : given;
  const targets: Target<T>[] = [];
  const taken = new Set<string>();
  for (const text of texts) {
    const target = targetOf(text, results);
    if (typeof target === 'string') {
      mistakes.push(`--output: ${target}`);
      continue;
    }
    const place = resolve(target.path);
    if (taken.has(place)) mistakes.push(`--output: ${target.path} is named twice`);
    taken.add(place);
    targets.push(target);
  }
  return targets;
}

/** Before a colon: a word without a dot or slash is meant as a form. `./a:b.md` is a file. */
const PREFIXED = /^([A-Za-z][A-Za-z-]+):(.*)$/s;

/** The form by the prefix, else by the file's ending; what is wrong, where it tells none. */
function targetOf<T>(text: string, results: Results<T>): Target<T> | string {
  const { exporters } = results;
  const [, prefix, rest = ''] = PREFIXED.exec(text) ?? [];
  if (prefix !== undefined) {
    const exporter = exporters.find(({ format }) => format === prefix.toLowerCase());
    if (exporter === undefined)
      return `${unknownForm(prefix, results)}; a file with a colon in its name is ./${text}`;
    return rest === '' ? `${text} names no file` : { path: rest, exporter };
  }
  if (text.trim() === '') return 'names no file';
  if (text === '-') return '"-" is no file; for stdout there is --format NAME';
  const extension = extname(text).toLowerCase();
  const exporter = exporters.find(({ extensions }) => extensions.includes(extension));
  if (exporter !== undefined) return { path: text, exporter };
  const other = FORMATS.find(({ extensions }) => (extensions as readonly string[]).includes(extension));
  const known = exporters.flatMap(({ extensions }) => extensions);
  if (other !== undefined)
    return `a ${results.noun} has no form ${other.format}, which the ending of ${text} names; expected ${known.join(', ')}`;
  const meant = extension === '' ? null : didYouMean(extension, known);
  const hint = meant === null ? '' : `; did you mean ${meant}?`;
  return `the ending of ${text} names no form; expected ${known.join(', ')}, or FORMAT:FILE with ${formsOf(results).join(', ')}${hint}`;
}

/** A file that is open for results that come later. */
class OutputFile<T> {
  readonly target: Target<T>;
  /** `null` of a pipe, which is only opened to be written: its reader may not have come yet. */
  readonly #handle: FileHandle | null;
  /** It was made here, and nothing of use is in it yet. */
  #fresh: boolean;
  /** Folders that were made for it, the innermost first. */
  readonly #folders: readonly string[];

  private constructor(
    target: Target<T>,
    handle: FileHandle | null,
    fresh: boolean,
    folders: readonly string[] = [],
  ) {
    this.target = target;
    this.#handle = handle;
    this.#fresh = fresh;
    this.#folders = folders;
  }

  /** @param makesFolders its folders are made where they do not exist */
  static async open<T>(target: Target<T>, makesFolders: boolean): Promise<OutputFile<T>> {
    const before = await stat(target.path).catch(() => null);
    if (before !== null && (before.isFIFO() || before.isSocket())) return new OutputFile(target, null, false);
    const folders = makesFolders ? await missingAbove(target.path) : [];
    try {
      if (folders.length > 0) await makeFolders(realDisk, folders[0]!);
      // Appending neither empties the file now nor refuses one that is there.
      return new OutputFile(target, await open(target.path, 'a'), before === null, folders);
    } catch (error) {
      await removeEmpty(folders);
      throw error;
    }
  }

  async write(text: string): Promise<void> {
    if (this.#handle === null) {
      const pipe = await open(this.target.path, 'w');
      try {
        await pipe.writeFile(text);
      } finally {
        await pipe.close();
      }
      return;
    }
    // Only a regular file has a length to be cut; and what this process prints into the same file is no earlier result.
    const file = await this.#handle.stat();
    if (file.isFile() && !isPrintedTo(file)) await this.#handle.truncate(0);
    await this.#handle.writeFile(text);
    this.#fresh = false;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    if (this.#fresh) {
      await unlink(this.target.path).catch(() => {});
      await removeEmpty(this.#folders);
    }
    this.#fresh = false;
  }
}

/** Folders above a file that do not exist, the innermost first. */
async function missingAbove(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if ((await stat(folder).catch(codeOf)) !== 'ENOENT') return missing;
    missing.push(folder);
  }
}

async function removeEmpty(folders: readonly string[]): Promise<void> {
  // One that holds something by now stays.
  for (const folder of folders) await rmdir(folder).catch(() => {});
}

/** Whether stdout or stderr goes into that file: `-o text:/dev/stdout` in `goodput … > log`. */
const isPrintedTo = ({ dev, ino }: Stats): boolean =>
  [1, 2].some((fd) => {
    try {
      const open = fstatSync(fd);
      return open.dev === dev && open.ino === ino;
    } catch {
      return false;
    }
  });
