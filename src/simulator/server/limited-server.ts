import { createServer, type RequestListener, type Server } from 'node:http';
import type { Milliseconds } from '../../units.ts';

/** Limits on slow and numerous clients. */
export interface ServerLimits {
  /** A connection beyond these is closed at once. */
  maxConnections: number;
  /** For the headers of a request to come, and for all of it; 0: no limit. */
  headersTimeout: Milliseconds;
  requestTimeout: Milliseconds;
}

/** Longer than any pause of a run, so that the endpoint never closes a connection the client is about to use. */
const KEEP_ALIVE_MS = 3_600_000;
/** How many times in the shorter of the two limits Node looks for requests that are too slow, and how often at least and at most. */
const LOOKS = 4;
const LOOK_MS = { least: 50, most: 5000 };

/** Idle connections are the client's business. */
export function limitedServer(
  { maxConnections, headersTimeout, requestTimeout }: ServerLimits,
  route: RequestListener,
): Server {
  const limits = [headersTimeout, requestTimeout].filter((limit) => limit > 0);
  const look = Math.max(LOOK_MS.least, Math.min(LOOK_MS.most, ...limits.map((limit) => limit / LOOKS)));
  const server = createServer(
    {
      // Delayed writes would be the client's inter-token latency.
      noDelay: true,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval: Math.round(look),
    },
    route,
  );
  if (maxConnections !== Infinity) server.maxConnections = maxConnections;
  return server;
}
