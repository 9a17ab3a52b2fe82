import type { Client, ClientOptions } from './client.ts';
import { apiNamed } from './api/apis.ts';
import { EndingQueue } from './ending-queue.ts';
import { KnownEvents } from './stream/known-events.ts';
import { prepareTls } from './connection/dial.ts';
import { RequestFlight } from './request-flight.ts';
import { requestHeaders } from './http/headers.ts';
import { observed } from './observer.ts';
import { ConnectionPool } from './connection/pool.ts';
import { addressOf, destinationOf, DIRECT, proxyParts } from './connection/network-route.ts';
import { redactor } from './connection/secret-redactor.ts';

/**
 * Opens a client for one endpoint. It sends nothing before the first request: every connection is opened by the request that needs it,
 * whose sample records that.
 * @throws {TypeError} for a URL that is not http(s), or for headers that cannot be sent
 */
export function openClient(options: ClientOptions): Client {
  const api = apiNamed(options.api);
  const url = new URL(options.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError('the URL must begin with http:// or https://');
  const { route = DIRECT, now } = options;
  const { pathPrefix, headers: forProxy } = proxyParts(url, route);
  const path = pathPrefix + url.pathname.replace(/\/+$/, '') + api.path + url.search;
  const headers = requestHeaders(options.headers, { ...api.headers(options.apiKey), ...forProxy });
  const redact = redactor({ ...options, query: url.searchParams });
  const destination = destinationOf(url);
  const address = addressOf(destination, route);
  prepareTls(destination, route);
  const counters = { outputEvents: 0, connectionsOpened: 0 };
  const pool = new ConnectionPool(
    { origin: url.origin, route, now },
    () => counters.connectionsOpened++,
    options.onRead,
  );
  const known = new KnownEvents();
  const endings = new EndingQueue();
  const inFlight = new Set<RequestFlight>();
  const CLOSED = 'the client was closed';
  const { live } = options;
  let closed = false;

  return {
    counters,
    send(body, { from_us, keepsHistory = false } = {}) {
      const connection = pool.take();
      const reader = api.reader(options.keepText || (keepsHistory && 'history'));
      const flight = new RequestFlight(
        {
          connection,
          reader: options.observe === undefined ? reader : observed(reader, options.observe),
          known,
          endings,
          timeouts: options.timeouts,
          now,
          address,
          redact,
        },
        {
          output(gap, sent) {
            counters.outputEvents++;
            if (sent === null) live?.next(gap);
            else live?.first(gap - (from_us ?? sent));
          },
          ended: (ended) => inFlight.delete(ended),
          free: (freed) => pool.release(freed),
          broken: (lost) => pool.discard(lost),
        },
      );
      inFlight.add(flight);
      if (closed) flight.abort(CLOSED);
      else connection.http.dispatch({ path, method: 'POST', headers, body }, flight);
      return flight;
    },
    prepare: (count) => pool.prepare(count, options.timeouts.connect),
    async close() {
      closed = true;
      for (const flight of inFlight) flight.abort(CLOSED);
      await pool.close();
    },
  };
}
