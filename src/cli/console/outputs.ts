import { resolve, sep } from 'node:path';
import { GoodputError } from '../../errors.ts';
import type { Rendered, Results } from '../../render/exporters.ts';
import { reasonOf } from '../../system-errors.ts';
import { clean } from '../../render/layout/clean.ts';
import { entry } from '../../render/layout/layout.ts';
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
  print(found: T, io: Io): Promise<void>;
  /**
   * Writes the files, and with `--push-otlp` sends the metrics.
   * @throws {GoodputError} kind `io` if one of them fails, after all others were written
   */
  writeFiles(found: T, io: Io): Promise<void>;
  /**
   * Prints the results and writes the files.
   * @throws {GoodputError} as `writeFiles`
   */
  write(found: T, io: Io): Promise<void>;
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
  const files: { target: Target<T>; file: OutputFile }[] = [];
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
  let isPrinted = false;
  let isWritten = false;
  /** Names the pages below the text report, when both are done. */
  const namePages = (io: Io): void => {
    if (!isPrinted || !isWritten || printed.format !== 'text' || flags.quiet === true) return;
    const page = openPage(styleOf(io.stderr, io.env, { color }));
    for (const { target } of files)
      if (target.exporter.format === 'html')
        io.stderr.write(`${entry('Page', clean(target.path), page).join('\n')}\n`);
  };
  const outputs: Outputs<T> = {
    color,
    close,
    async write(found, io) {
      await outputs.print(found, io);
      await outputs.writeFiles(found, io);
    },
    async print(found, io) {
      const rendered = await printed.render(found, styleOf(io.stdout, io.env, { color }));
      await writeParts(partsOf(rendered), io.stdout);
      isPrinted = true;
      namePages(io);
    },
    async writeFiles(found, io) {
      const problems: string[] = [];
      for (const { target, file } of files) {
        try {
          await file.write(await target.exporter.render(found, styleOf({}, io.env, { color: false })));
        } catch (error) {
          problems.push(`cannot write ${target.path}: ${reasonOf(error, 'write')}`);
        }
      }
      try {
        await sendResults?.(found, io);
      } catch (error) {
        problems.push(reasonOf(error, 'write'));
      }
      if (problems.length > 0) throw new GoodputError('io', problems.join('\n'));
      isWritten = true;
      namePages(io);
    },
  };
  return outputs;
}

const partsOf = (rendered: Rendered): Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array> =>
  typeof rendered === 'string' || rendered instanceof Uint8Array ? [rendered] : rendered;

/** Returns an addition to the error for a file inside the folder of `--out`, which does not exist yet. */
function insideFolder(path: string, { out }: Flags): string {
  if (typeof out !== 'string' || !resolve(path).startsWith(resolve(out) + sep)) return '';
  return `; --out creates that folder later: write the file outside it`;
}
