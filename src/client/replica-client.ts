import type { Client, ClientOptions } from './client.ts';
import { openClient } from './open-client.ts';

/**
 * Opens a client for replicas of one server. Session s goes to replica s modulo their number, whatever the others do, so that each gets
 * its share of the plan, a slow replica is visible, and the turns of a session find its prefix cache.
 */
export function openReplicas(urls: readonly string[], options: Omit<ClientOptions, 'url'>): Client {
  const clients = urls.map((url) => openClient({ ...options, url }));
  const [only] = clients;
  if (clients.length === 1) return only!;
  const sum = (counter: keyof Client['counters']): number =>
    clients.reduce((total, { counters }) => total + counters[counter], 0);
  return {
    counters: {
      get outputEvents() {
        return sum('outputEvents');
      },
      get connectionsOpened() {
        return sum('connectionsOpened');
      },
    },
    send: (body, options = {}) => clients[(options.number ?? 0) % clients.length]!.send(body, options),
    async prepare(count) {
      const all = await Promise.all(
        clients.map((client, at) =>
          client.prepare(Math.floor(count / clients.length) + (at < count % clients.length ? 1 : 0)),
        ),
      );
      return {
        opened_us: all.flatMap(({ opened_us }) => opened_us),
        failed: all.reduce((total, { failed }) => total + failed, 0),
        problem: all.find(({ problem }) => problem !== null)?.problem ?? null,
      };
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
