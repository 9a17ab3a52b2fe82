import { ServerFault } from './server-fault.ts';

/**
 * Event stream reader according to WHATWG HTML, "Server-sent events". It works on bytes: lines are found by scanning for their ends and
 * decoded only when complete, so a character that is split over reads is safe.
 */

export interface EventStreamHandler {
  /** An event with at least one data line; `type` is `message` unless the stream specifies one. */
  event(data: string, type: string, framing: Framing): void;
  /**
   * Text that the specification ignores and that servers have put errors into: a field called `error` (llama.cpp until 2025), a comment
   * within an event of type `error` (Dynamo). It changes no event.
   */
  stray(text: string): void;
  /**
   * Called before the event at `start` is parsed, so that a known event can be read by its bytes.
   * @returns the end of the event in `chunk`, or -1 to parse it
   */
  known?(chunk: Buffer, start: number): number;
}

/** `plain`: exactly `data: `, the data, and two LF. */
export type Framing = 'plain' | 'other';

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const DATA = Buffer.from('data');
const PLAIN = 'data: ';
const EVENT = Buffer.from('event');
const ERROR = Buffer.from('error');

/** A line that never ends must fail instead of filling the memory. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** No payload is split into more lines, and each line costs memory. */
const MAX_DATA_LINES = 65_536;

export class EventStreamReader {
  readonly #handler: EventStreamHandler;
  /** Copies of the parts of an incomplete line. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #data: string | null = null;
  #dataBytes = 0;
  #dataLines = 0;
  #type = '';
  /** Number of lines of the current event, and start of the value in its last data line. */
  #eventLines = 0;
  #valueAt = 0;
  #sawCr = false;
  #firstLine = true;
  /** The last read ended with CR: an LF at the start of the next read belongs to it. */
  #skipLf = false;
  #stopped = false;
  /** Number of all lines so far, including blank ones. */
  lines = 0;
  hasEvent = false;

  constructor(handler: EventStreamHandler) {
    this.#handler = handler;
  }

  /** True unless an event is incomplete. */
  get isBetweenEvents(): boolean {
    return this.#eventLines === 0 && this.#pending.length === 0 && !this.#skipLf;
  }

  /** Ignores all events after the current one, including those in the current chunk. */
  stop(): void {
    this.#stopped = true;
    this.#pending = [];
  }

  /**
   * Reads the next bytes of the stream, split anywhere. Keeps no reference to `chunk`.
   * @throws {ServerFault} if a line, or the data of an event, is over 16 MiB.
   */
  push(chunk: Buffer): void {
    let start = 0;
    if (this.#skipLf && chunk.length > 0) {
      this.#skipLf = false;
      if (chunk[0] === LF) start = 1;
    }
    // Each search continues where the last one ended, so that the time stays linear whichever line end the server uses.
    let lf = -2;
    let cr = -2;
    while (start < chunk.length && !this.#stopped) {
      if (this.#pending.length === 0 && this.#eventLines === 0) {
        const after = this.#handler.known?.(chunk, start) ?? -1;
        if (after !== -1) {
          this.#readKnown();
          start = after;
          continue;
        }
      }
      if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start);
      if (this.#pending.length > 0 && this.#eventLines === 0 && this.#isKnownAcrossReads(chunk, start, lf)) {
        this.#readKnown();
        start = lf + 2;
        continue;
      }
      if (cr !== -1 && cr < start) cr = chunk.indexOf(CR, start);
      const end = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
      if (end === -1) {
        this.#holdBack(chunk, start);
        return;
      }
      this.#endLine(chunk, start, end);
      start = end + 1;
      if (end !== cr) continue;
      this.#sawCr = true;
      if (start === chunk.length) this.#skipLf = true;
      else if (chunk[start] === LF) start++;
    }
  }

  #readKnown(): void {
    this.lines += 2;
    this.hasEvent = true;
    this.#firstLine = false;
  }

  /**
   * Tries to read an event that started in earlier reads and ends here, at the blank line after `lf`. None of its lines was complete
   * before, so it contains no other line end.
   */
  #isKnownAcrossReads(chunk: Buffer, start: number, lf: number): boolean {
    if (this.#handler.known === undefined || lf === -1 || chunk[lf + 1] !== LF) return false;
    const event = Buffer.concat([...this.#pending, chunk.subarray(start, lf + 2)]);
    if (this.#handler.known(event, 0) === -1) return false;
    this.#pending = [];
    this.#pendingBytes = 0;
    return true;
  }

  #holdBack(chunk: Buffer, start: number): void {
    this.#pendingBytes += chunk.length - start;
    if (this.#pendingBytes > MAX_EVENT_BYTES) throw tooLong('line');
    this.#pending.push(Buffer.from(chunk.subarray(start)));
  }

  #endLine(chunk: Buffer, start: number, end: number): void {
    if (this.#pending.length === 0) {
      this.#line(chunk, start, end);
      return;
    }
    this.#pending.push(chunk.subarray(start, end));
    const line = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#line(line, 0, line.length);
  }

  #line(bytes: Buffer, from: number, end: number): void {
    let start = from;
    this.lines++;
    if (this.#firstLine) {
      this.#firstLine = false;
      if (end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf)
        start += 3;
    }
    if (start === end) {
      this.#dispatch();
      return;
    }
    this.#eventLines++;
    if (bytes[start] === COLON) {
      if (this.#type === 'error') this.#handler.stray(text(bytes, start + 1, end));
      return;
    }
    const data = fieldValue(bytes, start, end, DATA);
    if (data !== -1) {
      this.#dataBytes += end - data;
      if (this.#dataBytes > MAX_EVENT_BYTES) throw tooLong('event');
      this.#dataLines++;
      if (this.#dataLines > MAX_DATA_LINES)
        throw new ServerFault(`one event of the stream has more than ${MAX_DATA_LINES} lines of data`);
      const value = text(bytes, data, end);
      this.#valueAt = data - from;
      this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
      return;
    }
    const event = fieldValue(bytes, start, end, EVENT);
    if (event !== -1) {
      this.#type = text(bytes, event, end);
      return;
    }
    // `id` and `retry` serve reconnection, and a measured request never reconnects: they are ignored like unknown fields.
    const error = fieldValue(bytes, start, end, ERROR);
    if (error !== -1) this.#handler.stray(text(bytes, error, end));
  }

  #dispatch(): void {
    const data = this.#data;
    const type = this.#type;
    const isPlain = this.#eventLines === 1 && this.#valueAt === PLAIN.length && !this.#sawCr;
    this.#data = null;
    this.#dataBytes = 0;
    this.#dataLines = 0;
    this.#type = '';
    this.#eventLines = 0;
    if (data === null) return;
    this.hasEvent = true;
    this.#handler.event(data, type === '' ? 'message' : type, isPlain ? 'plain' : 'other');
  }
}

/** Returns the start of the value of the field `name`, or -1 if the line is another field. */
function fieldValue(bytes: Buffer, start: number, end: number, name: Buffer): number {
  const colon = start + name.length;
  if (colon > end) return -1;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return -1;
  if (colon === end) return end;
  if (bytes[colon] !== COLON) return -1;
  return colon + 1 < end && bytes[colon + 1] === SPACE ? colon + 2 : colon + 1;
}

/** Decodes UTF-8. TextDecoder would drop a byte order mark at the start of every value; both replace malformed bytes by U+FFFD. */
const text = (bytes: Buffer, start: number, end: number): string => bytes.toString('utf8', start, end);

const tooLong = (what: string): ServerFault =>
  new ServerFault(`one ${what} of the stream is over ${MAX_EVENT_BYTES / 1024 / 1024} MiB`);
