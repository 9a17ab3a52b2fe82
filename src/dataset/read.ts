import { basename } from 'node:path';
import { didYouMean } from '../errors.ts';
import { type FileDigest, SourceFile } from './containers/bytes.ts';
import type { Container, ContainerKind, RawRecord } from './containers/container.ts';
import { openContainer } from './containers/open.ts';
import { Fields, type Writing } from './formats/fields.ts';
import { FileClock, type FileContext, type Format, type FormatName } from './formats/format.ts';
import { formatNamed, recogniseFormat } from './formats/recognise.ts';
import { fileError, type OnMistake, RecordError, reportMistake, shown } from './model/record-error.ts';
import { MappedColumns } from './mapped-columns.ts';
import { RowSessions } from './row-sessions.ts';
import { isEmptyTurn, type Session } from './model/session.ts';

/** How files are read. `null`: recognised by content. */
export interface ReadOptions {
  format: FormatName | null;
  /** Names of columns, for the format `custom`. */
  columns: Readonly<Record<string, string>> | null;
  timeUnit: 'ms' | 's' | null;
  /** The block size of `hash_ids`. */
  blockTokens: number | null;
  /** True: a turn with nothing to send is a mistake. */
  refusesEmpty?: boolean;
  /** True: messages whose content is null are read as they are; without it each is a mistake. */
  keepsNullContent?: boolean;
}

/** The formats whose times may have another unit. */
const TIMED_BY_OPTION: readonly FormatName[] = ['mooncake', 'aiperf'];
const MOONCAKE_BLOCK = 512;
const BAILIAN_BLOCK = 16;

/** The sessions of one or several files, and what is known about the files so far. */
export class DataSet {
  readonly paths: readonly string[];
  readonly #options: ReadOptions;
  readonly #onMistake: OnMistake | undefined;
  readonly #columns: MappedColumns;
  #format: Format | null;
  /** Complete for the files that were read. */
  readonly files: FileDigest[] = [];
  /** The records read. */
  records = 0;
  /** Records with nothing to send. */
  skipped = 0;
  /** Records left out because of a mistake. */
  mistakes = 0;
  /** The block size of `hash_ids`. */
  blockTokens: number;

  /**
   * @param paths files, after `expandFiles`
   * @param onMistake receives the mistakes of records that are then left out; without it the first ends the reading
   */
  constructor(paths: readonly string[], options: ReadOptions, onMistake?: OnMistake) {
    this.paths = paths;
    this.#options = options;
    this.#onMistake =
      onMistake &&
      ((mistake) => {
        this.mistakes++;
        onMistake(mistake);
      });
    this.#columns = new MappedColumns(options.columns);
    this.blockTokens = options.blockTokens ?? MOONCAKE_BLOCK;
    this.#format =
      options.columns !== null
        ? formatNamed('custom')
        : options.format === null
          ? null
          : formatNamed(options.format);
  }

  /** The format of the files; `null` before the first record. */
  get format(): FormatName | null {
    return this.#format?.name ?? null;
  }

  /**
   * Yields the sessions in order, in batches.
   * @throws {GoodputError} kind `usage` at the first mistake, as `file:line`
   */
  async *batches(): AsyncGenerator<Session[]> {
    for (const path of this.paths) yield* this.#file(path);
    this.#columns.check(this.#wholeName());
  }

  /** Yields the sessions in order. */
  async *sessions(): AsyncGenerator<Session> {
    for await (const batch of this.batches()) yield* batch;
  }

  async *#file(path: string): AsyncGenerator<Session[]> {
    const source = new SourceFile(path);
    const { name } = source;
    const before = this.mistakes;
    const container = await openContainer(source, this.#onMistake);
    const tag = path === '-' ? name : basename(path);
    let rows: RowSessions | null = null;
    let reader: RecordReader | null = null;
    const onlySource = { source: tag };
    const withSource = (session: Session): Session => {
      if ('source' in session.tags) return session;
      // One object for nearly all records of a trace, which is soon recognised.
      session.tags = isEmpty(session.tags) ? onlySource : { ...onlySource, ...session.tags };
      return session;
    };
    this.#columns.open(container);
    // The header of the only file is complete before its records.
    if (container.columns !== null && this.paths.length === 1)
      this.#columns.check(name, container.columns.line);
    for await (const records of readable(container, this.#onMistake)) {
      const sessions: Session[] = [];
      for (const record of records) {
        reader ??= this.#open(name, container, record);
        this.#columns.add(name, record);
        const read = reader.read(record, this.#onMistake);
        if (read === undefined) continue;
        this.records++;
        if (read === null) {
          this.skipped++;
          continue;
        }
        const isJoined = read.isRow && read.session.session !== null;
        if (isJoined) rows ??= new RowSessions(await this.#rowCounts(path));
        const session = withSource(read.session);
        if (rows === null) sessions.push(session);
        else sessions.push(...rows.add(session, read.isRow));
      }
      if (sessions.length > 0) yield sessions;
    }
    if (reader === null && this.mistakes === before) {
      this.#checkHeader(name, container);
      throw fileError(name, null, 'contains no record');
    }
    const last = rows?.finish() ?? [];
    if (last.length > 0) yield [...last];
    this.files.push(await source.digest());
  }

  /** Reads a file once more, to count the rows of each session; `null` for stdin, which can be read only once. */
  async #rowCounts(path: string): Promise<ReadonlyMap<string, number> | null> {
    if (path === '-') return null;
    const source = new SourceFile(path);
    const onMistake = this.#onMistake === undefined ? undefined : () => {};
    const container = await openContainer(source, onMistake);
    const counts = new Map<string, number>();
    let reader: RecordReader | null = null;
    for await (const records of readable(container, onMistake))
      for (const record of records) {
        reader ??= this.#open(source.name, container, record);
        const read = reader.read(record, onMistake);
        const id = read?.isRow === true ? read.session.session : null;
        if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    return counts;
  }

  /** A header that matches no format is named, even if no record follows. */
  #checkHeader(name: string, { kind, columns }: Container): void {
    if (columns === null || columns.names.length === 0 || this.#format !== null) return;
    const first = new Fields(Object.fromEntries(columns.names.map((column) => [column, ''])), lenient(kind));
    attempt(name, columns.line, () => recogniseFormat(first));
  }

  /** Recognises the format by the first record of the first file. */
  #open(name: string, { kind, columns }: Container, first: RawRecord): RecordReader {
    const value =
      columns === null
        ? first.value
        : Object.fromEntries(columns.names.map((column) => [column, first.value[column] ?? '']));
    const fields = new Fields(value, lenient(kind));
    const where = columns === null ? first.line : columns.line;
    const format = (this.#format ??= attempt(name, where, () => recogniseFormat(fields)));
    if (format.name !== 'custom' && columns !== null && !format.fits(fields))
      throw fileError(
        name,
        where,
        `the columns are not of the format ${format.name}: it needs ${format.needs}`,
      );
    if (this.#options.timeUnit !== null && !TIMED_BY_OPTION.includes(format.name))
      throw fileError(
        name,
        null,
        `a time unit (--time-unit, workload.data.timeUnit) is only valid with ${TIMED_BY_OPTION.join(' and ')}; the format is ${format.name}`,
      );
    if (this.#options.blockTokens === null && fields.has('chat_id')) this.blockTokens = BAILIAN_BLOCK;
    return new RecordReader(name, format, kind, columns !== null, this.#options);
  }

  /** Returns the name of all files, for a mistake that is in none of them. */
  #wholeName(): string {
    const [first, ...others] = this.paths.map((path) => new SourceFile(path).name);
    return others.length === 0 ? first! : `${first} and ${others.length} more`;
  }
}

function isEmpty(tags: Session['tags']): boolean {
  for (const _ in tags) return false;
  return true;
}

const lenient = (kind: ContainerKind, keepsNullContent = false): Writing => ({
  numbersAsText: true,
  jsonAsText: kind === 'csv' || kind === 'parquet',
  keepsNullContent,
});

/** Reads the records of one file, which all have one format. */
class RecordReader {
  readonly #name: string;
  readonly #format: Format;
  readonly #writing: Writing;
  readonly #hasColumns: boolean;
  readonly #context: FileContext;
  readonly #refusesEmpty: boolean;

  constructor(name: string, format: Format, kind: ContainerKind, hasColumns: boolean, options: ReadOptions) {
    this.#name = name;
    this.#format = format;
    this.#hasColumns = hasColumns;
    this.#refusesEmpty = options.refusesEmpty ?? false;
    const writing = lenient(kind, options.keepsNullContent);
    this.#writing = format.name === 'goodput' && !hasColumns ? { ...writing, numbersAsText: false } : writing;
    this.#context = {
      timeUnit: options.timeUnit,
      columns: options.columns,
      clock: new FileClock(),
      memory: new Map(),
    };
  }

  /** Returns the session of a record; `undefined` after a mistake that somebody receives. */
  read(record: RawRecord, onMistake: OnMistake | undefined): ReturnType<Format['read']> | undefined {
    try {
      return this.#read(record);
    } catch (error) {
      reportMistake(error, onMistake);
      return undefined;
    }
  }

  #read({ line, value }: RawRecord): ReturnType<Format['read']> {
    const fields = new Fields(value, this.#writing);
    const { name, needs, keys } = this.#format;
    if (!this.#hasColumns && !this.#format.fits(fields))
      throw fileError(
        this.#name,
        line,
        `not a record of the format ${name}: it needs ${needs}, not ${shown(value)}${misspeltKey(value, keys)}`,
      );
    return attempt(this.#name, line, () => {
      const read = this.#format.read(fields, this.#context);
      if (this.#refusesEmpty && read !== null) refuseEmpty(read.session);
      return read;
    });
  }
}

/** @throws {RecordError} if a turn has nothing to send */
function refuseEmpty({ turns }: Session): void {
  const at = turns.findIndex(isEmptyTurn);
  if (at < 0) return;
  const what = turns.length === 1 ? 'the prompt' : `turn ${at}`;
  throw new RecordError(`${what} is empty; goodput data filter --drop empty removes such sessions`);
}

/** Returns which key of a format a record probably means; nothing if none is similar. */
function misspeltKey(record: RawRecord['value'], keys: readonly string[]): string {
  const found = Object.keys(record).flatMap((key) => {
    const meant = keys.includes(key) ? null : didYouMean(key, keys);
    return meant === null ? [] : [`; "${key}": did you mean "${meant}"?`];
  });
  return found[0] ?? '';
}

/** Yields the records of a file up to a mistake after which no other record can be found, such as a quote that is never closed. */
async function* readable(
  { batches }: Container,
  onMistake: OnMistake | undefined,
): AsyncGenerator<readonly RawRecord[]> {
  try {
    yield* batches;
  } catch (error) {
    reportMistake(error, onMistake);
  }
}

/** Runs a function; adds the location to its mistake. */
function attempt<T>(name: string, line: number | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw fileError(name, line, error.message);
  }
}
