import { float64List, type NumberList, uint32List } from '../statistics/number-list.ts';
import { EMPTY_TURN, type Session, type Tags, type Turn } from '../dataset/model/session.ts';

/** A session of a data set, as a run needs it. */
export type StoredSession = Pick<Session, 'timestamp_ms' | 'tags' | 'turns'>;

/**
 * The sessions of data sets in memory that threads share, so that passing them to a worker copies nothing. A session of turns given by length
 * is a few numbers: a million requests with 24 `hash_ids` each take 150 MB. Any other session is a JSON text.
 */
export interface SessionColumns {
  /** One for each session; NaN: it has none. */
  timestamps_ms: Float64Array;
  /** The index of each session's tags. */
  sessionTags: Uint32Array;
  /** Turns of each session. */
  turnCounts: Uint32Array;
  /** The end of each session among the turns given by length, and among the bytes of `json`: one of the two parts is empty. */
  turnEnds: Uint32Array;
  jsonEnds: Float64Array;
  json: Uint8Array;
  /** One for each turn given by length, as are the next four. */
  inputs: Uint32Array;
  /** NaN: none. */
  outputs: Float64Array;
  /** NaN: none. */
  delays_ms: Float64Array;
  turnTags: Uint32Array;
  /** The end of each turn among the ids. */
  idEnds: Float64Array;
  /** 32 bits each if all of them fit. */
  ids: Uint32Array | Float64Array;
  /** True if a turn is given by length. */
  hasLengths: boolean;
  /** True if a turn has `hash_ids`. */
  hasIds: boolean;
  mostTurns: number;
  /** Different tags, by index. */
  tags: readonly Tags[];
}

const LONGEST_ID = 2 ** 32 - 1;

const isGivenByLength = ({ messages, input_tokens, reference, tools, body, rejected }: Turn): boolean =>
  messages === null &&
  input_tokens !== null &&
  reference === null &&
  tools === null &&
  body === null &&
  rejected === undefined;

/** Collects sessions. */
export class SessionTableBuilder {
  readonly #timestamps_ms = float64List();
  readonly #sessionTags = uint32List();
  readonly #turnCounts = uint32List();
  readonly #turnEnds = uint32List();
  readonly #jsonEnds = float64List();
  readonly #json: Buffer[] = [];
  #jsonBytes = 0;
  readonly #inputs = uint32List();
  readonly #outputs = float64List();
  readonly #delays_ms = float64List();
  readonly #turnTags = uint32List();
  readonly #idEnds = float64List();
  #ids: NumberList<Uint32Array> | NumberList<Float64Array> = uint32List();
  #hasLongIds = false;
  #hasLengths = false;
  #hasIds = false;
  #mostTurns = 0;
  readonly #tags: Tags[] = [];
  /** The last two that differed: of sessions, and of turns. */
  #lastTags: [number, number] = [-1, -1];
  readonly #indexOfTags = new Map<string, number>();

  get length(): number {
    return this.#timestamps_ms.length;
  }

  add({ timestamp_ms, tags, turns }: StoredSession): void {
    this.#timestamps_ms.push(timestamp_ms ?? NaN);
    this.#sessionTags.push(this.#tagsIndex(tags));
    this.#turnCounts.push(turns.length);
    if (turns.every(isGivenByLength)) for (const turn of turns) this.#addTurn(turn);
    else {
      const text = Buffer.from(JSON.stringify(turns));
      this.#json.push(text);
      this.#jsonBytes += text.length;
    }
    this.#hasLengths ||= turns.some(({ messages }) => messages === null);
    this.#hasIds ||= turns.some(({ hash_ids }) => hash_ids !== null);
    this.#mostTurns = Math.max(this.#mostTurns, turns.length);
    this.#turnEnds.push(this.#inputs.length);
    this.#jsonEnds.push(this.#jsonBytes);
  }

  columns(): SessionColumns {
    const json = new Uint8Array(new SharedArrayBuffer(this.#jsonBytes));
    let at = 0;
    for (const text of this.#json) {
      json.set(text, at);
      at += text.length;
    }
    return {
      timestamps_ms: shared(this.#timestamps_ms.values()),
      sessionTags: shared(this.#sessionTags.values()),
      turnCounts: shared(this.#turnCounts.values()),
      turnEnds: shared(this.#turnEnds.values()),
      jsonEnds: shared(this.#jsonEnds.values()),
      json,
      inputs: shared(this.#inputs.values()),
      outputs: shared(this.#outputs.values()),
      delays_ms: shared(this.#delays_ms.values()),
      turnTags: shared(this.#turnTags.values()),
      idEnds: shared(this.#idEnds.values()),
      ids: shared<Uint32Array | Float64Array>(this.#ids.values()),
      hasLengths: this.#hasLengths,
      hasIds: this.#hasIds,
      mostTurns: this.#mostTurns,
      tags: this.#tags,
    };
  }

  #addTurn({ input_tokens, output_tokens, delay_ms, hash_ids, tags }: Turn): void {
    this.#inputs.push(input_tokens!);
    this.#outputs.push(output_tokens ?? NaN);
    this.#delays_ms.push(delay_ms ?? NaN);
    this.#turnTags.push(this.#tagsIndex(tags));
    if (hash_ids !== null) {
      if (!this.#hasLongIds && hash_ids.some((id) => id > LONGEST_ID || id < 0)) this.#widenIds();
      this.#ids.pushAll(hash_ids);
    }
    this.#idEnds.push(this.#ids.length);
  }

  #widenIds(): void {
    const wide = float64List();
    for (const id of this.#ids.values()) wide.push(id);
    this.#ids = wide;
    this.#hasLongIds = true;
  }

  #tagsIndex(tags: Tags): number {
    // Nearly all records of a trace have no tags but those of its file.
    if (isSame(tags, this.#tags[this.#lastTags[0]])) return this.#lastTags[0];
    if (isSame(tags, this.#tags[this.#lastTags[1]])) return this.#lastTags[1];
    const index = this.#indexOf(tags);
    this.#lastTags = [index, this.#lastTags[0]];
    return index;
  }

  #indexOf(tags: Tags): number {
    const key = JSON.stringify(tags);
    let index = this.#indexOfTags.get(key);
    if (index === undefined) {
      index = this.#tags.push(tags) - 1;
      this.#indexOfTags.set(key, index);
    }
    return index;
  }
}

function isSame(tags: Tags, other: Tags | undefined): boolean {
  if (tags === other) return true;
  if (other === undefined) return false;
  const names = Object.keys(tags);
  return names.length === Object.keys(other).length && names.every((name) => tags[name] === other[name]);
}

/** Returns the same numbers in memory that threads share. */
function shared<T extends Float64Array | Uint32Array>(values: T): T {
  const Kind = values.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new Kind(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** Returns sessions as columns. */
export function columnsOf(sessions: Iterable<StoredSession>): SessionColumns {
  const builder = new SessionTableBuilder();
  for (const session of sessions) builder.add(session);
  return builder.columns();
}

/** Texts that are kept after they were parsed, because the sessions of a small data set repeat. */
const MOST_PARSED = 1000;

/** Reads the sessions of columns. */
export class SessionTable {
  readonly #columns: SessionColumns;
  readonly #parsed = new Map<number, readonly Turn[]>();

  constructor(columns: SessionColumns) {
    this.#columns = columns;
  }

  get length(): number {
    return this.#columns.timestamps_ms.length;
  }

  /** Returns the number of turns of session k, without reading them. */
  turnCount(k: number): number {
    return this.#columns.turnCounts[k]!;
  }

  /** Returns session k, from 0. Its `hash_ids` are `null` rather than an empty list. */
  at(k: number): StoredSession {
    const { timestamps_ms, sessionTags, turnEnds, jsonEnds, tags } = this.#columns;
    const timestamp_ms = orNull(timestamps_ms[k]!);
    const hasJson = jsonEnds[k]! > startOf(jsonEnds, k);
    const turns = hasJson
      ? this.#parse(k)
      : Array.from({ length: turnEnds[k]! - startOf(turnEnds, k) }, (_, turn) =>
          this.#turn(startOf(turnEnds, k) + turn),
        );
    return { timestamp_ms, tags: tags[sessionTags[k]!]!, turns };
  }

  /** Yields the tags of sessions and turns; those that repeat in a trace once. */
  *tags(): Generator<Tags> {
    const { tags, jsonEnds } = this.#columns;
    yield* tags;
    for (let k = 0; k < this.length; k++)
      if (jsonEnds[k]! > startOf(jsonEnds, k)) for (const turn of this.#parse(k)) yield turn.tags;
  }

  #turn(at: number): Turn {
    const { inputs, outputs, delays_ms, turnTags, idEnds, ids, tags } = this.#columns;
    const [from, end] = [startOf(idEnds, at), idEnds[at]!];
    return {
      ...EMPTY_TURN,
      input_tokens: inputs[at]!,
      output_tokens: orNull(outputs[at]!),
      delay_ms: orNull(delays_ms[at]!),
      hash_ids: end === from ? null : Array.from(ids.subarray(from, end)),
      tags: tags[turnTags[at]!]!,
    };
  }

  #parse(k: number): readonly Turn[] {
    let turns = this.#parsed.get(k);
    if (turns === undefined) {
      const { json, jsonEnds } = this.#columns;
      const from = startOf(jsonEnds, k);
      const text = Buffer.from(json.buffer, from, jsonEnds[k]! - from).toString();
      turns = JSON.parse(text) as readonly Turn[];
      if (this.#parsed.size === MOST_PARSED) this.#parsed.delete(this.#parsed.keys().next().value!);
      this.#parsed.set(k, turns);
    }
    return turns;
  }
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Returns the end of the part before part k. */
const startOf = (ends: Float64Array | Uint32Array, k: number): number => (k === 0 ? 0 : ends[k - 1]!);
