import type { Server } from './connection.ts';
import { Connection } from './connection.ts';
import { ReadClock } from './read-clock.ts';

/**
 * Some servers close a connection right after a streamed answer, although they announced to keep it (llama.cpp's does, 0 to
 * 3 ms after the last byte). A request sent into that moment is lost, and the loss would be our haste. So a freed connection is
 * used again at once only while the server is known to keep them: until one has outlived this time, each has to. Once one was
 * closed so early, each has to for good: behind a balancer one server may keep its connections and the next one not.
 */
const PROOF_MS = 25;
const PROOF_US = PROOF_MS * 1000;

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

  constructor(server: Pick<Server, 'origin' | 'route' | 'now'>, onOpened: () => void) {
    const { now } = server;
    this.#server = { ...server, reads: new ReadClock(now), session: null };
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
