import type { FileDigest } from '../containers/bytes.ts';
import type { Session } from '../model/session.ts';
import { type Column, ParquetTable } from '../../parquet-table.ts';
import { VERSION } from '../../version.ts';
import { csvHeader, csvLine } from './csv-lines.ts';
import { type Encode, encoderOf, lostKeys, type WritableFormat } from './encode.ts';
import { OutputFile, type OutputKind, outputKind } from './output-file.ts';

/** The columns of a data set in Parquet, as in CSV: lists and objects are JSON. */
const COLUMNS: readonly Column<Session>[] = [
  { name: 'session', type: 'text', of: ({ session }) => session },
  { name: 'timestamp_ms', type: 'number', of: ({ timestamp_ms }) => timestamp_ms },
  { name: 'tags', type: 'text', of: ({ tags }) => JSON.stringify(tags) },
  { name: 'turns', type: 'text', of: ({ turns }) => JSON.stringify(turns) },
];

/** Writes sessions to a file, in a format and container. */
export class SessionWriter {
  readonly format: WritableFormat;
  readonly #file: OutputFile;
  readonly #container: OutputKind['container'];
  readonly #encode: Encode;
  /** The rows of a Parquet file. */
  readonly #table: ParquetTable<Session> | null;
  sessions = 0;
  /** For each key that the format cannot have, the sessions that had it. */
  readonly lost = new Map<string, number>();

  private constructor(file: OutputFile, container: OutputKind['container'], format: WritableFormat) {
    this.#file = file;
    this.#container = container;
    this.format = format;
    this.#encode = encoderOf(format);
    this.#table = container === 'parquet' ? new ParquetTable(COLUMNS, `goodput ${VERSION}`, {}) : null;
  }

  /** @throws {GoodputError} kind `usage` if the file cannot be created, or its ending is unknown */
  static async open(path: string, format: WritableFormat): Promise<SessionWriter> {
    const { container, compression } = outputKind(path);
    return new SessionWriter(await OutputFile.open(path, compression), container, format);
  }

  async write(session: Session): Promise<void> {
    for (const key of lostKeys(session, this.format)) this.lost.set(key, (this.lost.get(key) ?? 0) + 1);
    const isFirst = this.sessions++ === 0;
    if (this.#table !== null) {
      const bytes = this.#table.add(session);
      if (bytes !== null) await this.#file.writeBytes(bytes);
      return;
    }
    if (this.#container === 'csv') {
      await this.#file.write(`${isFirst ? csvHeader() : ''}${csvLine(session)}`);
      return;
    }
    const text = JSON.stringify(this.#encode(session));
    await this.#file.write(this.#container === 'jsonl' ? `${text}\n` : `${isFirst ? '[\n' : ',\n'}${text}`);
  }

  /** @throws {GoodputError} kind `io` if the disk fails */
  async finish(): Promise<FileDigest> {
    if (this.#table !== null) await this.#file.writeBytes(this.#table.finish());
    if (this.#container === 'json') await this.#file.write(this.sessions === 0 ? '[]\n' : '\n]\n');
    return this.#file.finish();
  }

  async discard(): Promise<void> {
    await this.#file.discard();
  }
}
