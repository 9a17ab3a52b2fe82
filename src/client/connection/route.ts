/** How a server is reached, beyond what its base URL says. Everything that a file holds has been read. */
export interface Route {
  tls: TlsRoute;
  /** Path of the Unix socket that is connected to in place of the URL's host and port. */
  unixSocket: string | null;
  /** Addresses that stand for names, in place of the resolver's. */
  resolve: readonly Resolved[];
  proxy: ProxyRoute | null;
  /** HTTP/2 where the server takes it (ALPN); over http without asking. */
  http2: boolean;
}

export interface TlsRoute {
  /** PEM: certificates of the authorities that are trusted besides Node's own; `null`: those alone. */
  ca: string | null;
  /** PEM: the client's certificate with its chain, and its private key. Both or neither. */
  cert: string | null;
  key: string | null;
  /** The name that is asked for (SNI) and that the server's certificate must bear; `null`: the host of the URL. */
  servername: string | null;
  /** Whatever certificate the server shows is taken. */
  insecure: boolean;
}

export interface Resolved {
  host: string;
  port: number;
  address: string;
}

export interface ProxyRoute {
  isTls: boolean;
  host: string;
  port: number;
  /** Towards the proxy itself: it is shown no certificate of ours. */
  tls: TlsRoute;
  /** Value of `proxy-authorization`. */
  authorization: string | null;
}

/** As the URL says, and nothing else. */
export const DIRECT: Route = {
  tls: { ca: null, cert: null, key: null, servername: null, insecure: false },
  unixSocket: null,
  resolve: [],
  proxy: null,
  http2: false,
};

/** Where to, as the URL says. */
export interface Destination {
  isTls: boolean;
  /** A name or an address, without brackets. */
  host: string;
  port: number;
}

export function destinationOf({
  protocol,
  hostname,
  port,
}: Pick<URL, 'protocol' | 'hostname' | 'port'>): Destination {
  const isTls = protocol === 'https:';
  return { isTls, host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) || (isTls ? 443 : 80) };
}

/** `host:port`, with the brackets of an IPv6 address. */
export const authority = ({ host, port }: Pick<Destination, 'host' | 'port'>): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Who is connected to, for messages. */
export function addressOf(to: Destination, { unixSocket, proxy }: Route): string {
  if (unixSocket !== null) return unixSocket;
  return proxy === null ? authority(to) : `${authority(to)} through the proxy ${authority(proxy)}`;
}

/**
 * What a request to a proxy bears that one to the server itself does not: over http the proxy forwards it, and is told the whole
 * URL (RFC 9112 §3.2.2); over https it only opens a tunnel, and sees no request.
 */
export function forwarded(url: URL, { proxy }: Route): { before: string; headers: Record<string, string> } {
  if (proxy === null || url.protocol === 'https:') return { before: '', headers: {} };
  const { authorization } = proxy;
  return {
    before: url.origin,
    headers: authorization === null ? {} : { 'proxy-authorization': authorization },
  };
}
