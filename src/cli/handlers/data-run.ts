import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { EXIT, GoodputError } from '../../errors.ts';
import { expandFiles } from '../../dataset/files.ts';
import { DataSet, type ReadOptions } from '../../dataset/read.ts';
import type { Session } from '../../dataset/model/session.ts';
import { outputKind } from '../../dataset/write/output-file.ts';
import { SessionWriter } from '../../dataset/write/session-writer.ts';
import type { WritableFormat } from '../../dataset/write/encode.ts';
import { manifestPath, type Step, writeManifest } from '../../dataset/write/manifest.ts';
import { count, plural } from '../../render/layout/format.ts';
import { clean } from '../../render/layout/clean.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { OptionReader } from './data-input.ts';
import { onStopSignals } from '../console/stop-signals.ts';
import type { Io } from '../console/io.ts';

/** Thrown when a signal asked the command to stop. */
class Interrupted extends Error {}

const REDRAW_MS = 500;

/** Runs the work of a `data` command: reads files with progress, and stops at a signal. */
export class DataRun {
  readonly #io: Io;
  readonly #isQuiet: boolean;
  #isStopped = false;

  constructor(flags: Flags, io: Io) {
    this.#io = io;
    this.#isQuiet = flags.quiet === true;
  }

  /**
   * Runs the work until a signal.
   * @returns the exit code
   */
  async until(work: () => Promise<number>): Promise<number> {
    // Records live shortly, so V8 would let its young generation grow: 180 MB instead of 310 MB for 100 MB of text.
    setFlagsFromString('--semi-space-growth-factor=1');
    const remove = onStopSignals(() => {
      this.#isStopped = true;
      // A pipe that nobody writes to would keep the command waiting.
      process.stdin.destroy();
    });
    try {
      return await work();
    } catch (error) {
      if (!this.#isStopped) throw error;
      this.#io.stderr.write('interrupted\n');
      return EXIT.interrupted;
    } finally {
      remove();
    }
  }

  /** Lets signals be handled during a long computation, and ends it after one. */
  readonly pause = async (): Promise<void> => {
    await setImmediate();
    if (this.#isStopped) throw new Interrupted();
  };

  /** Reads all sessions, in batches, with the rate of records on stderr. */
  async *batches(data: DataSet): AsyncGenerator<Session[]> {
    const started = performance.now();
    let drawn = started;
    const isLive = !this.#isQuiet && this.#io.stderr.isTTY && this.#io.env['TERM'] !== 'dumb';
    try {
      for await (const batch of data.batches()) {
        if (this.#isStopped) throw new Interrupted();
        yield batch;
        const now = performance.now();
        if (!isLive || now - drawn < REDRAW_MS) continue;
        drawn = now;
        this.#io.stderr.write(`\r\u001b[K${progressText(data.records, now - started)}`);
      }
      if (this.#isStopped) throw new Interrupted();
    } finally {
      if (isLive && drawn > started) this.#io.stderr.write('\r\u001b[K');
    }
    if (!this.#isQuiet) this.#io.stderr.write(`${progressText(data.records, performance.now() - started)}\n`);
  }

  /** Writes a line to stderr, unless `--quiet`. */
  say(text: string): void {
    if (!this.#isQuiet) this.#io.stderr.write(`${clean(text)}\n`);
  }

  /**
   * Writes sessions to a file with a manifest; the file appears when it is complete. `stepOf` is called after that.
   * @returns the sessions written
   */
  async write(
    { path, format, licence }: OutputOptions,
    data: DataSet,
    stepOf: () => Omit<Step, 'records_in' | 'records_out'>,
    fill: (writer: SessionWriter) => Promise<void>,
  ): Promise<number> {
    const writer = await SessionWriter.open(path, format);
    try {
      await fill(writer);
    } catch (error) {
      await writer.discard();
      throw error;
    }
    const { sessions } = writer;
    const digest = await writer.finish();
    const complete: Step = { ...stepOf(), records_in: data.records, records_out: sessions };
    await writeManifest({ ...digest, format, sessions }, data.files, complete, licence);
    for (const [key, count] of writer.lost)
      this.#io.stderr.write(
        `warning: the format ${format} has no ${key}: it is lost in ${plural(count, 'session')}; the format goodput keeps it\n`,
      );
    this.say(`wrote ${plural(sessions, 'session')} to ${path} (and ${manifestPath(path)})`);
    return sessions;
  }
}

/** Where a command writes. */
export interface OutputOptions {
  path: string;
  format: WritableFormat;
  licence: string | null;
}

/** Returns where a command writes; adds to the mistakes if the output is needed and missing. */
export function outputOf(options: OptionReader, need: 'needed'): OutputOptions;
export function outputOf(options: OptionReader, need: 'optional'): OutputOptions | null;
export function outputOf(options: OptionReader, need: 'needed' | 'optional'): OutputOptions | null {
  const path = options.text('output');
  const output = { path: path ?? '', format: options.writableFormat(), licence: options.text('licence') };
  if (path === null) {
    if (need === 'optional') return null;
    options.mistakes.push('--output: give the file to write');
    return output;
  }
  const { container } = outputKind(path);
  if (output.format !== 'goodput' && (container === 'csv' || container === 'parquet'))
    options.mistakes.push(`--to ${output.format}: not valid for a table (${container})`);
  return output;
}

function progressText(records: number, ms: number): string {
  const rate = ms > 0 ? Math.round(records / (ms / 1000)) : 0;
  return `read ${plural(records, 'record')}, ${count(rate)} rows/s`;
}

/**
 * Returns the data set of files.
 * @throws {GoodputError} kind `usage` if an option is wrong, or a file is not found
 */
export async function openDataSet(
  words: readonly string[],
  options: ReadOptions,
  mistakes: readonly string[],
): Promise<DataSet> {
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return new DataSet(await expandFiles(words), options);
}
