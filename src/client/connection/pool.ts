import type { Server } from './connection.ts';
import { Connection } from './connection.ts';
import type { Microseconds, Milliseconds } from '../../units.ts';
import { formatDuration } from '../../units.ts';
import { ReadClock } from './read-clock.ts';

/**
 * Some servers close a connection right after a streamed answer, although they announced to keep it (llama.cpp's does, 0 to
 * 3 ms after the last byte). A request sent into that moment is lost, and the loss would be our haste. So a freed connection is
 * used again at once only while the server is known to keep them: until one has outlived this time, each has to. Once one was
 * closed so early, each has to for good: behind a balancer one server may keep its connections and the next one not.
 */
const PROOF_MS = 25;
const PROOF_US = PROOF_MS * 1000;

/** Connections that were opened before there were requests for them. */
export interface Prepared {
  /** What each took. */
  opened_us: Microseconds[];
  failed: number;
  /** Why the first of those that failed did. */
  problem: string | null;
}

/**
 * The connections to one server. There is no limit: a request never waits for another one's connection, because that
 * wait would be goodput's and not the server's. The one freed last is taken first, so that few stay warm.
 */
export class ConnectionPool {
  readonly #server: Server;
  readonly #onOpened: () => void;
  readonly #all = new Set<Connection>();
  readonly #free: Connection[] = [];
  /** The last freed connection that could tell was kept by the server. */
  #keeps = false;
  /** One was closed right after its answer: what another one's survival says of the rest is not to be relied on. */
  #closesEarly = false;

  constructor(
    server: Pick<Server, 'origin' | 'route' | 'now'>,
    onOpened: () => void,
    onRead?: (for_us: Microseconds) => void,
  ) {
    const { now } = server;
    this.#server = { ...server, reads: new ReadClock(now, onRead), session: null };
    this.#onOpened = onOpened;
  }

  take(): Connection {
    for (;;) {
      const connection = this.#free.pop();
      if (connection === undefined) break;
      if (!connection.ready) {
        this.discard(connection);
        continue;
      }
      connection.takenAt = this.#server.now();
      return connection;
    }
    return this.#make();
  }

  /** Opens connections before there are requests for them, all at once; each gets so long. */
  async prepare(count: number, limitMs: Milliseconds): Promise<Prepared> {
    const prepared: Prepared = { opened_us: [], failed: 0, problem: null };
    const one = async (): Promise<void> => {
      const connection = this.#make();
      const limit = setTimeout(() => this.discard(connection), limitMs);
      const late = new Promise<Error>((resolve) => {
        setTimeout(() => resolve(new Error(`not open within ${formatDuration(limitMs)}`)), limitMs).unref();
      });
      const error = await Promise.race([connection.prepare(), late]);
      clearTimeout(limit);
      if (error === null && this.#all.has(connection)) {
        prepared.opened_us.push(connection.setUp!.total);
        this.#free.push(connection);
        return;
      }
      prepared.failed++;
      prepared.problem ??= error?.message ?? 'closed at once';
      this.discard(connection);
    };
    await Promise.all(Array.from({ length: count }, one));
    return prepared;
  }

  #make(): Connection {
    const connection = new Connection(this.#server, {
      opened: this.#onOpened,
      closed: (closed) => this.#closed(closed),
    });
    this.#all.add(connection);
    return connection;
  }

  /** The response is whole, and the connection free for the next request. */
  release(connection: Connection): void {
    connection.freedAt = this.#server.now();
    if (this.#keeps) this.#free.push(connection);
    // Node runs timers before it polls sockets: after a stall of our own the close may be waiting in the kernel.
    else setTimeout(() => setImmediate(() => this.#prove(connection)), PROOF_MS).unref();
  }

  discard(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    if (this.#brokeEarly(connection)) this.#keeps = false;
    if (this.#withinProof(connection)) this.#closesEarly = true;
    void connection.destroy();
  }

  async close(): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    this.#free.length = 0;
    await Promise.all(all.map((connection) => connection.destroy()));
  }

  /** It was kept as long as it had to, or it was not. */
  #prove(connection: Connection): void {
    if (!this.#all.has(connection)) return;
    if (!connection.ready) {
      this.discard(connection);
      return;
    }
    this.#keeps = !this.#closesEarly;
    this.#free.push(connection);
  }

  /** Closed while it was free, or under a request that took it the moment it was freed. */
  #brokeEarly(connection: Connection): boolean {
    const { freedAt, takenAt } = connection;
    if (freedAt === null) return false;
    const usedAtOnce = takenAt !== null && takenAt >= freedAt && takenAt - freedAt < PROOF_US;
    return usedAtOnce || this.#withinProof(connection);
  }

  #withinProof({ freedAt }: Connection): boolean {
    return freedAt !== null && this.#server.now() - freedAt < PROOF_US;
  }

  /** One that a request is using is discarded by its flight, which learns of the end from undici. */
  #closed(connection: Connection): void {
    const at = this.#free.lastIndexOf(connection);
    if (at === -1) return;
    this.#free.splice(at, 1);
    this.discard(connection);
  }
}
