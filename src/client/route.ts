/** How a server is reached, beyond what its base URL says. Everything that a file holds has been read. */
export interface Route {
  tls: TlsRoute;
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

/** As the URL says, and nothing else. */
export const DIRECT: Route = {
  tls: { ca: null, cert: null, key: null, servername: null, insecure: false },
};
