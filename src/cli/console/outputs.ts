import { resolve, sep } from 'node:path';
import { EXIT, GoodputError } from '../../errors.ts';
import type { Rendered, Results } from '../../render/exporters.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import type { Exits } from '../../verdict/exits.ts';
import { clean } from '../../render/layout/clean.ts';
import { entry } from '../../render/layout/layout.ts';
import { quote } from '../../render/layout/quote.ts';
import { openPage, styleOf } from '../../render/layout/style.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Io } from './io.ts';
import { metricsOutput } from './metrics-output.ts';
import { OutputFile } from './output-file.ts';
import { printedFormat, type Target, targetsOf } from './output-formats.ts';
import { writeParts } from './write-parts.ts';

/** The outputs for results of one kind: one format on stdout, and files. */
export interface Outputs<T> {
  /** False with `--no-color`. */
  readonly color: boolean;
  /**
   * Writes the files, with `--push-otlp` sends the metrics, and prints the results. If an output fails, all others are written, and say that
   * the command exits with 1.
   * @param again the command that writes a failed file again, without its -o
   * @throws {GoodputError} kind `io` for the outputs that failed, after the results were printed
   */
  write(found: T, io: Io, again?: string): Promise<void>;
  /** Closes all files; a file that was created here and never written is removed. */
  close(): Promise<void>;
}

/**
 * Opens every file of `--output` before anything is measured. Existing files keep their content until the results are written.
 * @throws {GoodputError} kind `usage` that lists every unknown format and every file that cannot be written
 */
export async function openOutputs<T>(flags: Flags, results: Results<T>, io: Io): Promise<Outputs<T>> {
  const mistakes: string[] = [];
  const printed = printedFormat(flags, results, io.stdout, mistakes);
  const sendResults = metricsOutput(flags, results, io, mistakes);
  const targets = targetsOf(flags, results, mistakes);
  const files: Opened<T>[] = [];
  for (const target of targets) {
    const inside = insideFolder(target.path, flags);
    try {
      files.push({ target, file: await OutputFile.open(target.path, inside === '') });
    } catch (error) {
      mistakes.push(`--output: cannot write ${target.path}: ${reasonOf(error, 'write')}${inside}`);
    }
  }
  const close = async (): Promise<void> => {
    for (const { file } of files) await file.close();
  };
  if (mistakes.length > 0) {
    await close();
    throw new GoodputError('usage', mistakes.join('\n'));
  }
  const color = flags['no-color'] !== true;
  return {
    color,
    close,
    async write(found, io, again) {
      const problems: string[] = [];
      const failed: Target<T>[] = [];
      const written: typeof files = [];
      // What is printed goes first into a file that stdout goes to as well.
      const [early, late] = [
        files.filter(({ file }) => !file.isPrinted),
        files.filter(({ file }) => file.isPrinted),
      ];
      const writeInto = async (each: Opened<T>): Promise<void> => {
        const problem = await problemOf(each, found, io);
        if (problem === null) written.push(each);
        else {
          problems.push(problem);
          failed.push(each.target);
        }
      };
      for (const each of early) await writeInto(each);
      try {
        await sendResults?.(found, io);
      } catch (error) {
        problems.push(reasonOf(error, 'write'));
      }
      let shown = found;
      if (problems.length > 0 && results.withExits !== undefined) {
        shown = results.withExits(found, OUTPUT_FAILED);
        for (const each of written.filter(({ file }) => file.isReplaceable))
          problems.push(...[await problemOf(each, shown, io)].filter((problem) => problem !== null));
      }
      const rendered = await printed.render(shown, styleOf(io.stdout, io.env, { color }));
      await writeParts(partsOf(rendered), io.stdout);
      for (const each of late) await writeInto(each);
      if (printed.format === 'text' && flags.quiet !== true) {
        const page = openPage(styleOf(io.stderr, io.env, { color }));
        for (const { target } of written)
          if (target.exporter.format === 'html')
            io.stderr.write(`${entry('Page', clean(target.path), page).join('\n')}\n`);
      }
      if (problems.length === 0) return;
      const hint =
        again === undefined || failed.length === 0
          ? {}
          : {
              hint: `The results are complete. To write the file again: ${again} ${failed.map(optionOf).join(' ')}`,
            };
      throw new GoodputError('io', problems.join('\n'), hint);
    },
  };
}

const OUTPUT_FAILED: Exits = {
  of: 'command',
  code: EXIT.failure,
  because: 'an output could not be written',
};

const optionOf = <T>({ path, exporter }: Target<T>): string => `-o ${exporter.format}:${quote(path)}`;

interface Opened<T> {
  target: Target<T>;
  file: OutputFile;
}

/** Writes one file. @returns what went wrong, in the file system or in the renderer; `null`: nothing did */
async function problemOf<T>({ target, file }: Opened<T>, found: T, io: Io): Promise<string | null> {
  const path = clean(target.path);
  let rendered: Rendered;
  try {
    rendered = await target.exporter.render(found, styleOf({}, io.env, { color: false }));
  } catch (error) {
    return `cannot make ${path}: ${causeOf(error)}`;
  }
  let cause: unknown = null;
  try {
    await file.write(
      typeof rendered === 'string' || rendered instanceof Uint8Array
        ? rendered
        : watched(rendered, (error) => {
            cause = error;
          }),
    );
    return null;
  } catch (error) {
    return cause === null
      ? `cannot write ${path}: ${reasonOf(error, 'write')}`
      : `cannot make ${path}: ${causeOf(cause)}`;
  }
}

/** Yields the parts of a document. Names the error of their source, which is not one of the file that they are written to. */
async function* watched<T>(parts: AsyncIterable<T>, onError: (error: unknown) => void): AsyncGenerator<T> {
  try {
    yield* parts;
  } catch (error) {
    onError(error);
    throw error;
  }
}

/** Returns why a document could not be made; of a system call also the path that it was about. */
function causeOf(error: unknown): string {
  if (codeOf(error) === null) return reasonOf(error);
  const { path } = error as { path?: unknown };
  return typeof path === 'string' ? `cannot read ${clean(path)}: ${reasonOf(error)}` : reasonOf(error);
}

const partsOf = (rendered: Rendered): Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array> =>
  typeof rendered === 'string' || rendered instanceof Uint8Array ? [rendered] : rendered;

/** Returns an addition to the error for a file inside the folder of `--out`, which does not exist yet. */
function insideFolder(path: string, { out }: Flags): string {
  if (typeof out !== 'string' || !resolve(path).startsWith(resolve(out) + sep)) return '';
  return `; --out creates that folder later: write the file outside it`;
}
