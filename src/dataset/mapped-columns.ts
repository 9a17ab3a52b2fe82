import type { Container, RawRecord } from './containers/container.ts';
import { fileError, shown, suggestion } from './model/record-error.ts';

/** After so many records, a column that no record had is not sparse but misspelt. */
const FEWEST_RECORDS = 10_000;
const MOST_NAMES = 1000;

/** Finds the mapped columns of the format `custom` that occur in no record. Columns may be sparse. */
export class MappedColumns {
  /** The columns that did not occur yet, each with the key that it is mapped to. */
  readonly #unseen: Map<string, string>;
  /** The names that occurred, for the suggestion. */
  readonly #names = new Set<string>();
  #records = 0;

  constructor(columns: Readonly<Record<string, string>> | null) {
    this.#unseen = new Map(Object.entries(columns ?? {}).map(([key, column]) => [column, key]));
  }

  /** Notes the columns that a file lists before its records. */
  open({ columns }: Pick<Container, 'columns'>): void {
    this.#see(columns?.names ?? []);
  }

  /**
   * Notes the names of a record.
   * @throws {GoodputError} kind `usage` if this is the last of 10,000 records without a mapped column
   */
  add(file: string, { value }: RawRecord): void {
    if (this.#unseen.size === 0) return;
    this.#records++;
    this.#see(Object.keys(value));
    if (this.#records >= FEWEST_RECORDS) this.check(file, null, `the first ${this.#records} records`);
  }

  /**
   * @param where what was read, in words
   * @throws {GoodputError} kind `usage` for a column that occurred nowhere
   */
  check(file: string, line: number | null = null, where = `${this.#records} records`): void {
    const [first] = this.#unseen;
    if (first === undefined) return;
    const [column, key] = first;
    const names = [...this.#names];
    const listed = names.slice(0, 20).map((name) => shown(name));
    throw fileError(
      file,
      line,
      `no column ${shown(column)} for ${key} in ${line === null ? where : 'the header'}${suggestion(column, names)}; there ${listed.length === 1 ? 'is' : 'are'} ${listed.join(', ')}${names.length > listed.length ? ', …' : ''}`,
    );
  }

  #see(names: readonly string[]): void {
    if (this.#unseen.size === 0) return;
    for (const name of names) {
      this.#unseen.delete(name);
      if (this.#names.size < MOST_NAMES) this.#names.add(name);
    }
  }
}
