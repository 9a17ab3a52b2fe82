import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

/** The types of columns; a value may be `null` in all of them. An `instant` is in milliseconds since 1970. */
export type ColumnType = 'whole' | 'number' | 'boolean' | 'text' | 'instant';

type Value = number | boolean | string | null | undefined;

/** A column of a table, with its value in a row. */
export interface Column<Row> {
  name: string;
  type: ColumnType;
  of(row: Row): Value;
}

const ELEMENTS: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  whole: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
};

/** A row group is written after this many rows, or after this many characters of text. */
const ROWS_IN_GROUP = 20_000;
const TEXT_IN_GROUP = 32 * 1024 * 1024;

type Stored = bigint | number | boolean | string | null;

const STORED: Readonly<Record<ColumnType, (value: NonNullable<Value>) => Stored>> = {
  whole: (value) => BigInt(value),
  number: Number,
  boolean: Boolean,
  text: String,
  instant: (value) => {
    const micros = Math.round(Number(value) * 1000);
    return Number.isSafeInteger(micros) ? BigInt(micros) : null;
  },
};

/** Rows on their way into a Parquet file, column by column. */
export class ParquetTable<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #data: Stored[][];
  #rows = 0;
  #text = 0;

  /** @param facts key and value of each entry of the file's metadata */
  constructor(columns: readonly Column<Row>[], createdBy: string, facts: Readonly<Record<string, string>>) {
    this.#columns = columns;
    this.#data = columns.map(() => []);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [
        { name: 'goodput', num_children: columns.length },
        ...columns.map(({ name, type }): SchemaElement => ({
          name,
          repetition_type: 'OPTIONAL',
          ...ELEMENTS[type],
        })),
      ],
      kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
      createdBy,
    });
  }

  /** Adds a row. Returns bytes for the file if they are ready, else `null`. */
  add(row: Row): Uint8Array | null {
    for (let c = 0; c < this.#columns.length; c++) {
      const { type, of } = this.#columns[c]!;
      const value = of(row) ?? null;
      if (typeof value === 'string') this.#text += value.length;
      this.#data[c]!.push(value === null ? null : STORED[type](value));
    }
    this.#rows++;
    return this.#rows < ROWS_IN_GROUP && this.#text < TEXT_IN_GROUP ? null : this.#writeGroup();
  }

  /** Returns the rest of the file. */
  finish(): Uint8Array {
    const rest = this.#rows === 0 ? new Uint8Array() : this.#writeGroup();
    void this.#writer.finish();
    return Buffer.concat([rest, this.#take()]);
  }

  #writeGroup(): Uint8Array {
    const columnData = this.#columns.map(({ name }, c) => ({ name, data: this.#data[c]! }));
    void this.#writer.write({ columnData, rowGroupSize: this.#rows });
    this.#data = this.#columns.map(() => []);
    this.#rows = 0;
    this.#text = 0;
    return this.#take();
  }

  /** Returns a copy of the bytes, whose buffer is used again. */
  #take(): Uint8Array {
    const taken = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return taken;
  }
}
