import type { RequestListener, Server } from 'node:http';
import type { Milliseconds } from '../../units.ts';

// An `import` of node:http reads its getters too, one of which loads the undici inside Node: 7% of the CPU time of a short run.
const { createServer } = process.getBuiltinModule('node:http');

export interface ServerLimits {
  /** Maximum number of connections; further ones are closed immediately. */
  maxConnections: number;
  /** Time for the headers of a request, and for the complete request; 0 for no limit. */
  headersTimeout: Milliseconds;
  requestTimeout: Milliseconds;
}

/** Longer than any pause of a run, so that the endpoint never closes a connection that the client is about to use. */
const KEEP_ALIVE_MS = 3_600_000;
/** Node checks for slow requests this many times within the shorter timeout, at an interval within these bounds. */
const CHECKS = 4;
const CHECK_MS = { least: 50, most: 5000 };

/** Creates an HTTP server with limits. It keeps idle connections open. */
export function limitedServer(
  { maxConnections, headersTimeout, requestTimeout }: ServerLimits,
  route: RequestListener,
): Server {
  const limits = [headersTimeout, requestTimeout].filter((limit) => limit > 0);
  const interval = Math.max(
    CHECK_MS.least,
    Math.min(CHECK_MS.most, ...limits.map((limit) => limit / CHECKS)),
  );
  const server = createServer(
    {
      // Delayed writes would change the client's inter-token latency.
      noDelay: true,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval: Math.round(interval),
    },
    route,
  );
  if (maxConnections !== Infinity) server.maxConnections = maxConnections;
  return server;
}
