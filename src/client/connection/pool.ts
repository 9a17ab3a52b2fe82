import type { Server } from './connection.ts';
import { Connection } from './connection.ts';
import type { Microseconds, Milliseconds } from '../../units.ts';
import { formatDuration } from '../../units.ts';
import { type IterationReads, ReadClock } from './read-clock.ts';

/**
 * Some servers close a connection right after a streamed response although they announced to keep it (llama.cpp's server, 0 to 3 ms after
 * the last byte). A request that is sent at that moment is lost, and goodput would be to blame. So a freed connection is reused at once
 * only if the server is known to keep connections: until one connection has stayed open for this time, each has to. After one was closed
 * early, every connection has to, for good: behind a load balancer, only some of the servers may keep their connections.
 */
const KEEP_PROOF_MS = 25;
const KEEP_PROOF_US = KEEP_PROOF_MS * 1000;

/** Connections that were opened before requests needed them. */
export interface Prepared {
  opened_us: Microseconds[];
  failed: number;
  problem: string | null;
}

/**
 * The connections to one server. There is no limit: a request never waits for another request's connection, because goodput and not the
 * server would cause that wait. The connection freed last is taken first, so that few stay warm.
 */
export class ConnectionPool {
  readonly #server: Server;
  readonly #onOpened: () => void;
  readonly #all = new Set<Connection>();
  readonly #free: Connection[] = [];
  /** The server kept the last freed connection whose outcome is known. */
  #keepsConnections = false;
  /** The server closed a connection right after its response: whether other connections stay open is then no evidence. */
  #closesEarly = false;

  constructor(
    server: Pick<Server, 'origin' | 'route' | 'now'>,
    onOpened: () => void,
    onRead?: (reads: IterationReads) => void,
  ) {
    const { now } = server;
    this.#server = { ...server, reads: new ReadClock(now, onRead), session: null };
    this.#onOpened = onOpened;
  }

  take(): Connection {
    for (;;) {
      const connection = this.#free.pop();
      if (connection === undefined) break;
      if (!connection.isReady) {
        this.discard(connection);
        continue;
      }
      connection.takenAt = this.#server.now();
      return connection;
    }
    return this.#make();
  }

  /** Opens connections before requests need them, all at once, each with this timeout. */
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

  release(connection: Connection): void {
    connection.freedAt = this.#server.now();
    if (this.#keepsConnections) this.#free.push(connection);
    // Node runs timers before it polls sockets: after a pause of this process, the close may be waiting in the kernel.
    else setTimeout(() => setImmediate(() => this.#checkKept(connection)), KEEP_PROOF_MS).unref();
  }

  discard(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    if (this.#brokeEarly(connection)) this.#keepsConnections = false;
    if (this.#isWithinProofTime(connection)) this.#closesEarly = true;
    void connection.destroy();
  }

  async close(): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    this.#free.length = 0;
    await Promise.all(all.map((connection) => connection.destroy()));
  }

  /** Makes the connection available if the server kept it. */
  #checkKept(connection: Connection): void {
    if (!this.#all.has(connection)) return;
    if (!connection.isReady) {
      this.discard(connection);
      return;
    }
    this.#keepsConnections = !this.#closesEarly;
    this.#free.push(connection);
  }

  /** Returns true if it was closed while it was free, or during a request that took it as soon as it was freed. */
  #brokeEarly(connection: Connection): boolean {
    const { freedAt, takenAt } = connection;
    if (freedAt === null) return false;
    const usedAtOnce = takenAt !== null && takenAt >= freedAt && takenAt - freedAt < KEEP_PROOF_US;
    return usedAtOnce || this.#isWithinProofTime(connection);
  }

  #isWithinProofTime({ freedAt }: Connection): boolean {
    return freedAt !== null && this.#server.now() - freedAt < KEEP_PROOF_US;
  }

  /** Discards a free connection. A connection in use is discarded by its flight, to which undici reports the end. */
  #closed(connection: Connection): void {
    const at = this.#free.lastIndexOf(connection);
    if (at === -1) return;
    this.#free.splice(at, 1);
    this.discard(connection);
  }
}
