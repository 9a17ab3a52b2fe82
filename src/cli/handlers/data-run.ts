import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { EXIT } from '../../errors.ts';
import { expandFiles } from '../../dataset/files.ts';
import { DataSet } from '../../dataset/read.ts';
import type { OnMistake } from '../../dataset/model/record-error.ts';
import type { Session } from '../../dataset/model/session.ts';
import { outputKind } from '../../dataset/write/output-file.ts';
import { SessionWriter } from '../../dataset/write/session-writer.ts';
import type { WritableFormat } from '../../dataset/write/encode.ts';
import type { Step } from '../../dataset/write/manifest-json.ts';
import { type ManifestFacts, manifestOf, manifestPath, writeManifest } from '../../dataset/write/manifest.ts';
import { count, plural } from '../../numbers.ts';
import { clean } from '../../render/layout/clean.ts';
import { type Style, styleOf } from '../../render/layout/style.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Given } from '../options/command-spec.ts';
import { OptionReader } from './data-input.ts';
import { onStopSignals } from '../console/stop-signals.ts';
import type { Io } from '../console/io.ts';
import { LiveLine } from '../console/live-line.ts';

/** Thrown when a signal asked the command to stop. */
class Interrupted extends Error {}

/** One call of a `data` command: reads files with progress, prints the result, and stops at a signal. */
export class DataRun {
  readonly options: OptionReader;
  /** The progress on a terminal. */
  readonly live: LiveLine;
  readonly #given: Given;
  readonly #io: Io;
  readonly #isQuiet: boolean;
  readonly #stopped = new AbortController();

  constructor(given: Given, io: Io) {
    this.options = new OptionReader(given.own);
    this.#given = given;
    this.#io = io;
    this.#isQuiet = given.flags.quiet === true;
    this.live = new LiveLine(io, { isQuiet: this.#isQuiet });
  }

  /** Aborted when a signal asks the command to stop. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /**
   * Returns the data set that the command line names, after all options were read.
   * @param onMistake receives the mistakes of records that are then left out; without it the first is an error
   * @throws {GoodputError} kind `usage` if an option is wrong, or a file is not found
   */
  async open(options = this.options.readOptions(), onMistake?: OnMistake): Promise<DataSet> {
    this.options.check();
    return new DataSet(await expandFiles(this.#given.words), options, onMistake);
  }

  /**
   * Runs the work until a signal.
   * @returns the exit code of the work, 0 if it returns none
   */
  async until(work: () => Promise<number | void>): Promise<number> {
    // Records live shortly, so V8 would let its young generation grow: 180 MB instead of 310 MB for 100 MB of text.
    setFlagsFromString('--semi-space-growth-factor=1');
    const remove = onStopSignals(() => {
      this.#stopped.abort();
      // A pipe that nobody writes to would keep the command waiting.
      process.stdin.destroy();
    });
    try {
      return (await work()) ?? EXIT.ok;
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
      this.#io.stderr.write('interrupted\n');
      return EXIT.interrupted;
    } finally {
      remove();
    }
  }

  /** Lets signals be handled during a long computation, and ends it after one. */
  readonly pause = async (): Promise<void> => {
    await setImmediate();
    this.#check();
  };

  #check(): void {
    if (this.#stopped.signal.aborted) throw new Interrupted();
  }

  /** Reads all sessions, in batches, with the rate of records on stderr. */
  async *batches(data: DataSet): AsyncGenerator<Session[]> {
    const started = performance.now();
    const text = (): string => progressText(data.records, performance.now() - started);
    try {
      for await (const batch of data.batches()) {
        this.#check();
        yield batch;
        this.live.show(text);
      }
      this.#check();
    } finally {
      this.live.end();
    }
    this.say(text());
  }

  /** Reads all sessions, with the rate of records on stderr. */
  async each(data: DataSet, visit: (session: Session) => Promise<void> | void): Promise<void> {
    for await (const batch of this.batches(data))
      for (const session of batch) {
        const visited = visit(session);
        if (visited !== undefined) await visited;
      }
  }

  /** Prints a document on stdout: as JSON with `--json`, else as text. */
  print<T extends object>(document: T, render: (document: T, style: Style) => string): void {
    const { flags } = this.#given;
    const { stdout, env } = this.#io;
    stdout.write(
      flags.json === true
        ? renderJson(document)
        : render(document, styleOf(stdout, env, { color: flags['no-color'] !== true })),
    );
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
    { path, format, ...facts }: OutputOptions,
    data: DataSource,
    stepOf: () => Omit<Step, 'records_in' | 'records_out'>,
    fill: (writer: SessionWriter) => Promise<void>,
  ): Promise<number> {
    const writer = await SessionWriter.open(path, format);
    try {
      await fill(writer);
      // A damaged manifest of a source is an error before the output appears.
      await Promise.all(data.files.map(manifestOf));
    } catch (error) {
      await writer.discard();
      throw error;
    }
    const { sessions } = writer;
    const digest = await writer.finish();
    const complete: Step = { ...stepOf(), records_in: data.records, records_out: sessions };
    await writeManifest({ ...digest, format, sessions }, data.files, complete, facts);
    for (const [key, count] of writer.lost)
      this.#io.stderr.write(
        `warning: the format ${format} has no ${key}: it is lost in ${plural(count, 'session')}; the format goodput keeps it\n`,
      );
    this.say(`wrote ${plural(sessions, 'session')} to ${path} (and ${manifestPath(path)})`);
    return sessions;
  }
}

/** The origin of a data set that is written: its files, and the records read so far. */
export interface DataSource {
  readonly files: Readonly<DataSet['files']>;
  readonly records: number;
}

/** Where a command writes. */
export interface OutputOptions extends ManifestFacts {
  path: string;
  format: WritableFormat;
}

/** Returns where a command writes; adds to the mistakes if the output is needed and missing. */
export function outputOf(options: OptionReader, need: 'needed'): OutputOptions;
export function outputOf(options: OptionReader, need: 'optional'): OutputOptions | null;
export function outputOf(options: OptionReader, need: 'needed' | 'optional'): OutputOptions | null {
  const path = options.text('output');
  const output = {
    path: path ?? '',
    format: options.writableFormat(),
    licence: options.text('licence'),
    tokenizer: options.text('tokenizer'),
  };
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
  return `read ${plural(records, 'record')}, ${count(rate)} records/s`;
}
