import type { Microseconds } from '../units.ts';
import type { Server } from './connection.ts';
import { Connection } from './connection.ts';

/**
 * The connections to one server. There is no limit: a request never waits for another one's connection, because that
 * wait would be goodput's and not the server's. The one freed last is taken first, so that few stay warm.
 */
export class ConnectionPool {
  readonly #server: Server;
  readonly #onOpened: () => void;
  readonly #all = new Set<Connection>();
  readonly #free: Connection[] = [];

  constructor(origin: string, now: () => Microseconds, onOpened: () => void) {
    this.#server = { origin, now, session: null };
    this.#onOpened = onOpened;
  }

  take(): Connection {
    for (;;) {
      const connection = this.#free.pop();
      if (connection === undefined) break;
      if (connection.ready) return connection;
      this.discard(connection);
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
    this.#free.push(connection);
  }

  discard(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    void connection.destroy();
  }

  async close(): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    this.#free.length = 0;
    await Promise.all(all.map((connection) => connection.destroy()));
  }

  /** One that a request is using is discarded by its flight, which learns of the end from undici. */
  #closed(connection: Connection): void {
    const at = this.#free.lastIndexOf(connection);
    if (at === -1) return;
    this.#free.splice(at, 1);
    this.discard(connection);
  }
}
