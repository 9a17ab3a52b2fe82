import type { ServerResponse } from 'node:http';
import type { RequestFault } from '../../faults.ts';
import type { Microseconds, Milliseconds } from '../../units.ts';

/** Delay between the two parts of a split write: two immediate writes would arrive in one read. */
const SPLIT_MS = 2;

/**
 * Writes to the socket immediately. Node's response delays writes to the end of the event-loop iteration, which with a thousand streams
 * is milliseconds later. The chunk framing is RFC 9112, 7.1.
 */
function writeNow(response: ServerResponse, text: string): void {
  const { socket, chunkedEncoding } = response;
  // HTTP/1.0 has no chunks, and a pipelined request waits for the previous one.
  if (socket === null || !chunkedEncoding) response.write(text);
  // Each write to a closed socket would make an error with a stack trace, and an engine can go on after its client has left.
  else if (!socket.destroyed) socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

export interface ResponseWriter {
  /** `onWritten` gets the instant right before the write. */
  write(text: string, onWritten: (at_us: Microseconds) => void): void;
  end(): void;
}

/** Writes every text immediately, in one write. */
class ImmediateWriter implements ResponseWriter {
  readonly #response: ServerResponse;
  readonly #now: () => Microseconds;

  constructor(response: ServerResponse, now: () => Microseconds) {
    this.#response = response;
    this.#now = now;
  }

  write(text: string, onWritten: (at_us: Microseconds) => void): void {
    // Before the write, so that the client cannot see it earlier.
    onWritten(this.#now());
    writeNow(this.#response, text);
  }

  end(): void {
    this.#response.end();
  }
}

/** Splits every text into two writes within its first event, which is complete with the second. */
class SplitWriter implements ResponseWriter {
  readonly #response: ServerResponse;
  readonly #now: () => Microseconds;
  #pending: { text: string; onWritten: (at_us: Microseconds) => void; timer: NodeJS.Timeout } | null = null;

  constructor(response: ServerResponse, now: () => Microseconds) {
    this.#response = response;
    this.#now = now;
  }

  write(text: string, onWritten: (at_us: Microseconds) => void): void {
    this.#flush();
    // The text may contain the end of the answer after its last event.
    const firstEnd = text.indexOf('\n\n');
    const middle = Math.floor((firstEnd < 0 ? text.length : firstEnd) / 2);
    // Do not split a surrogate pair.
    const cut = /[\ud800-\udbff]/.test(text[middle - 1] ?? '') ? middle - 1 : middle;
    writeNow(this.#response, text.slice(0, cut));
    const timer = setTimeout(() => this.#flush(), SPLIT_MS satisfies Milliseconds);
    this.#pending = { text: text.slice(cut), onWritten, timer };
  }

  end(): void {
    this.#flush();
    this.#response.end();
  }

  #flush(): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    clearTimeout(pending.timer);
    pending.onWritten(this.#now());
    writeNow(this.#response, pending.text);
  }
}

/** Combines several texts into one write, like a proxy that fills its buffer. */
class CoalescingWriter implements ResponseWriter {
  readonly #response: ServerResponse;
  readonly #now: () => Microseconds;
  readonly #count: number;
  #held: { text: string; onWritten: (at_us: Microseconds) => void }[] = [];

  constructor(response: ServerResponse, now: () => Microseconds, count: number) {
    this.#response = response;
    this.#now = now;
    this.#count = count;
  }

  write(text: string, onWritten: (at_us: Microseconds) => void): void {
    this.#held.push({ text, onWritten });
    if (this.#held.length >= this.#count) this.#flush();
  }

  end(): void {
    this.#flush();
    this.#response.end();
  }

  #flush(): void {
    if (this.#held.length === 0) return;
    const at_us = this.#now();
    for (const { onWritten } of this.#held) onWritten(at_us);
    writeNow(this.#response, this.#held.map(({ text }) => text).join(''));
    this.#held = [];
  }
}

/** Returns the writer that a fault requires, or the immediate one. */
export function responseWriter(
  fault: RequestFault | null,
  response: ServerResponse,
  now: () => Microseconds,
): ResponseWriter {
  if (fault?.kind === 'split') return new SplitWriter(response, now);
  if (fault?.kind === 'coalesce') return new CoalescingWriter(response, now, fault.tokens);
  return new ImmediateWriter(response, now);
}
