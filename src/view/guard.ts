import type { IncomingMessage } from 'node:http';

/** Why a request is refused. */
export interface Refusal {
  status: number;
  text: string;
}

const LONGEST_URL = 2048;
const METHODS = ['GET', 'HEAD'];

/**
 * Returns why a request is refused; `null` for a page of this server that asks for one of its own addresses. Another website can send
 * requests to a loopback address too: by its own name that resolves to 127.0.0.1 (which `Host` shows), or across origins (`Origin`,
 * `Sec-Fetch-Site`).
 */
export function refusalOf(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>,
  port: number,
): Refusal | null {
  const { method = '', url = '', headers, rawHeaders } = request;
  if (!METHODS.includes(method))
    return { status: 405, text: `${method} is not allowed: this server is read-only` };
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  // Browsers omit the port of http.
  const hosts = names.map((name) => `${name}:${port}`).concat(port === 80 ? names : []);
  if (countOf('host', rawHeaders) !== 1 || !hosts.includes((headers.host ?? '').toLowerCase()))
    return { status: 403, text: `the header Host does not name this server: open http://127.0.0.1:${port}/` };
  const { origin } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
    return { status: 403, text: 'requests of other websites are refused (Origin)' };
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return {
      status: 403,
      text: `links of other websites are refused (Sec-Fetch-Site): type the address http://127.0.0.1:${port}/`,
    };
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0)
    return { status: 400, text: 'a request with a body is refused' };
  if (url.length > LONGEST_URL)
    return { status: 414, text: `the address is longer than ${LONGEST_URL} characters` };
  // A path of its own server, as browsers send it: no other host, no control characters, no backslashes.
  if (!/^\/(?!\/)[!-[\]-~]*$/.test(url))
    return { status: 400, text: 'the address is not a path of this server' };
  return null;
}

const countOf = (name: string, rawHeaders: readonly string[]): number =>
  rawHeaders.filter((each, k) => k % 2 === 0 && each.toLowerCase() === name).length;
