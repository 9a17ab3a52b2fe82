import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ProxyRoute, Route, TlsRoute } from '../client/connection/network-route.ts';
import { destinationOf, DIRECT } from '../client/connection/network-route.ts';
import { GoodputError } from '../errors.ts';
import { reasonOf } from '../system-errors.ts';
import type { Endpoint } from '../scenario/keys/scenario.ts';

type RouteSettings = Pick<Endpoint, 'simulated' | 'tls' | 'proxy' | 'unixSocket' | 'resolve' | 'http2'>;

/**
 * How a scenario's endpoint is reached, its files read and looked at: before anything is sent, and never in a worker.
 * @throws {GoodputError} kind `usage` for a file that cannot be read or is not what it has to be
 */
export async function readRoute({
  simulated,
  tls: files,
  proxy,
  unixSocket,
  resolve,
  http2,
}: RouteSettings): Promise<Route> {
  if (simulated) return DIRECT;
  const { servername, insecure } = files;
  const [ca, cert, key] = await Promise.all([
    readPem(files.ca),
    readPem(files.cert),
    // Who takes it for the place of the API key must not read that in an error.
    readPem(files.key, 'the file that endpoint.tls.key (--key) names'),
  ]);
  if (ca !== null) certificateIn(ca, files.ca!);
  if (cert !== null && key !== null) checkPair(cert, key, files.cert!, files.key!);
  const tls = { ca, cert, key, servername, insecure };
  return { tls, unixSocket, resolve, http2, proxy: proxy === null ? null : proxyRoute(proxy, tls) };
}

/** User and password of its URL are sent to the proxy alone. */
function proxyRoute(text: string, { ca, insecure }: TlsRoute): ProxyRoute {
  const url = new URL(text);
  const { username, password } = url;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    ...destinationOf(url),
    tls: { ca, cert: null, key: null, servername: null, insecure },
    authorization: pair === ':' ? null : `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`,
  };
}

async function readPem(path: string | null, named = path): Promise<string | null> {
  if (path === null) return null;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new GoodputError('usage', `cannot read ${named}: ${reasonOf(error)}`, { cause: error });
  }
}

/** The first certificate; errors of the parser never reach a message, which could hold what it read. */
function certificateIn(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new GoodputError('usage', `${path}: holds no certificate in PEM`, {
      hint: 'a certificate begins with -----BEGIN CERTIFICATE-----',
      cause: error,
    });
  }
}

function checkPair(cert: string, key: string, certPath: string, keyPath: string): void {
  const certificate = certificateIn(cert, certPath);
  let isOwn: boolean;
  try {
    isOwn = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    const isLocked = /ENCRYPTED/.test(key);
    throw new GoodputError(
      'usage',
      isLocked
        ? `${keyPath}: the private key is locked with a passphrase`
        : `${keyPath}: holds no private key in PEM`,
      {
        hint: isLocked
          ? `openssl pkey -in ${keyPath} -out unlocked.pem writes one without`
          : 'a private key begins with -----BEGIN PRIVATE KEY-----',
        cause: error,
      },
    );
  }
  if (!isOwn) throw new GoodputError('usage', `${keyPath}: is not the private key of ${certPath}`);
}
