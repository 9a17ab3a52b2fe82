import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ProxyRoute, Route, TlsRoute } from '../client/connection/network-route.ts';
import { destinationOf, DIRECT } from '../client/connection/network-route.ts';
import { GoodputError } from '../errors.ts';
import { reasonOf } from '../system-errors.ts';
import type { Endpoint } from '../scenario/keys/scenario.ts';

type RouteSettings = Pick<Endpoint, 'simulated' | 'tls' | 'proxy' | 'unixSocket' | 'resolve' | 'http2'>;

/**
 * Returns the route to a scenario's endpoint. Reads and checks its certificates and keys, before any request is sent.
 * @throws {GoodputError} kind `usage` for a file that cannot be read or has the wrong content
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
    // A user may pass the API key itself by mistake, so the message does not contain this path.
    readPem(files.key, 'the file that endpoint.tls.key (--key) names'),
  ]);
  if (ca !== null) readCertificate(ca, files.ca!);
  if (cert !== null && key !== null) checkPair(cert, key, files.cert!, files.key!);
  const tls = { ca, cert, key, servername, insecure };
  return { tls, unixSocket, resolve, http2, proxy: proxy === null ? null : proxyRoute(proxy, tls) };
}

/** Returns the route to a proxy. The user and the password of its URL are sent only to the proxy. */
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

/** Reads the first certificate. No message contains the parser's error, which may quote the file. */
function readCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new GoodputError('usage', `${path}: contains no certificate in PEM format`, {
      hint: 'a certificate begins with -----BEGIN CERTIFICATE-----',
      cause: error,
    });
  }
}

function checkPair(cert: string, key: string, certPath: string, keyPath: string): void {
  const certificate = readCertificate(cert, certPath);
  let isMatching: boolean;
  try {
    isMatching = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    const isEncrypted = /ENCRYPTED/.test(key);
    throw new GoodputError(
      'usage',
      isEncrypted
        ? `${keyPath}: the private key is encrypted with a passphrase`
        : `${keyPath}: contains no private key in PEM format`,
      {
        hint: isEncrypted
          ? `openssl pkey -in ${keyPath} -out decrypted.pem writes a key without a passphrase`
          : 'a private key begins with -----BEGIN PRIVATE KEY-----',
        cause: error,
      },
    );
  }
  if (!isMatching) throw new GoodputError('usage', `${keyPath}: is not the private key of ${certPath}`);
}
