import type { ServerResponse } from 'node:http';
import type { RequestFault } from '../../faults.ts';
import type { Microseconds, Milliseconds } from '../../units.ts';

/** Between the parts of a write that is split: two socket writes at once would be one read. */
const SPLIT_MS = 2;

/**
 * Node's response holds what is written back until the turn is over, so with a thousand streams the write comes milliseconds
 * after it was called. The socket takes it at once; the framing of chunks is RFC 9112, 7.1.
 */
function writeNow(response: ServerResponse, text: string): void {
  const { socket, chunkedEncoding } = response;
  // A client of HTTP/1.0 knows no chunks, and a pipelined request waits for the one before it.
  if (socket === null || !chunkedEncoding) response.write(text);
  else socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

/** Writes a stream's events to the socket and tells when each was handed over. */
export interface Outlet {
  /** `onWritten` gets the instant right before the text is handed over. */
  write(text: string, onWritten: (at_us: Microseconds) => void): void;
  end(): void;
}

/** As it should be: every event at once, in one write. */
class PlainOutlet implements Outlet {
  readonly #response: ServerResponse;
  readonly #now: () => Microseconds;

  constructor(response: ServerResponse, now: () => Microseconds) {
    this.#response = response;
    this.#now = now;
  }

  write(text: string, onWritten: (at_us: Microseconds) => void): void {
    // Before the write: what the client sees can only be later.
    onWritten(this.#now());
    writeNow(this.#response, text);
  }

  end(): void {
    this.#response.end();
  }
}

/** Every text in two writes, cut in the middle of its first event: all of it has come when the second has. */
class SplitOutlet implements Outlet {
  readonly #response: ServerResponse;
  readonly #now: () => Microseconds;
  #pending: { text: string; onWritten: (at_us: Microseconds) => void; timer: NodeJS.Timeout } | null = null;

  constructor(response: ServerResponse, now: () => Microseconds) {
    this.#response = response;
    this.#now = now;
  }

  write(text: string, onWritten: (at_us: Microseconds) => void): void {
    this.#flush();
    // What ends an answer may follow its last event in the same text.
    const firstEnd = text.indexOf('\n\n');
    const middle = Math.floor((firstEnd < 0 ? text.length : firstEnd) / 2);
    // Not between the halves of a character beyond the first plane.
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

/** Several texts in one write, as a proxy that fills its buffer. */
class CoalescingOutlet implements Outlet {
  readonly #response: ServerResponse;
  readonly #now: () => Microseconds;
  readonly #most: number;
  #held: { text: string; onWritten: (at_us: Microseconds) => void }[] = [];

  constructor(response: ServerResponse, now: () => Microseconds, most: number) {
    this.#response = response;
    this.#now = now;
    this.#most = most;
  }

  write(text: string, onWritten: (at_us: Microseconds) => void): void {
    this.#held.push({ text, onWritten });
    if (this.#held.length >= this.#most) this.#flush();
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

/** What a fault makes of the writes, or the plain way. */
export function outletOf(
  fault: RequestFault | null,
  response: ServerResponse,
  now: () => Microseconds,
): Outlet {
  if (fault?.kind === 'split') return new SplitOutlet(response, now);
  if (fault?.kind === 'coalesce') return new CoalescingOutlet(response, now, fault.tokens);
  return new PlainOutlet(response, now);
}
