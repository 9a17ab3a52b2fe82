/** How to reach a server, beyond what its base URL says. The contents of files have been read. */
export interface Route {
  tls: TlsRoute;
  /** Path of a Unix socket to connect to instead of the URL's host and port. */
  unixSocket: string | null;
  /** Addresses to use for hosts instead of resolving them. */
  resolve: readonly Resolved[];
  proxy: ProxyRoute | null;
  /** Use HTTP/2 if the server supports it (ALPN); at http:// URLs without negotiation. */
  http2: boolean;
}

export interface TlsRoute {
  /** Certificates (PEM) of authorities to trust in addition to Node's own; `null` for none. */
  ca: string | null;
  /** The client's certificate chain and private key (PEM). Both or neither. */
  cert: string | null;
  key: string | null;
  /** The name to request (SNI) and to expect in the server's certificate; `null` for the host of the URL. */
  servername: string | null;
  /** Skip certificate verification. */
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
  /** TLS with the proxy itself, which is shown no client certificate. */
  tls: TlsRoute;
  authorization: string | null;
}

/** The route that the URL alone describes. */
export const DIRECT: Route = {
  tls: { ca: null, cert: null, key: null, servername: null, insecure: false },
  unixSocket: null,
  resolve: [],
  proxy: null,
  http2: false,
};

export interface Destination {
  isTls: boolean;
  /** Host name or IP address, without brackets. */
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

/** Returns `host:port`, with brackets around an IPv6 address. */
export const authority = ({ host, port }: Pick<Destination, 'host' | 'port'>): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export function addressOf(to: Destination, { unixSocket, proxy }: Route): string {
  if (unixSocket !== null) return unixSocket;
  return proxy === null ? authority(to) : `${authority(to)} through the proxy ${authority(proxy)}`;
}

/**
 * Returns the path prefix and headers that a request through a proxy needs. Over http the proxy forwards the request and needs the
 * complete URL (RFC 9112 §3.2.2); over https it only opens a tunnel and sees no request.
 */
export function proxyParts(
  url: URL,
  { proxy }: Route,
): { pathPrefix: string; headers: Record<string, string> } {
  if (proxy === null || url.protocol === 'https:') return { pathPrefix: '', headers: {} };
  const { authorization } = proxy;
  return {
    pathPrefix: url.origin,
    headers: authorization === null ? {} : { 'proxy-authorization': authorization },
  };
}
