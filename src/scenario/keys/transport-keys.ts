import { z } from 'zod';
import { field, keyInfo, text, toggle } from './fields.ts';
import type { Checked, Problem } from './problem.ts';

/** `host:port:address`, as in curl's `--resolve`. */
export interface ResolvedName {
  host: string;
  port: number;
  address: string;
}

/** A name, or an address with or without brackets. */
const HOST = String.raw`\[[0-9a-f:.]+\]|[^\s:/\[\]]+`;
const RESOLVE = new RegExp(`^(${HOST}):(\\d{1,5}):(\\[[0-9a-f:.]+\\]|[0-9a-f:.]+)$`, 'i');

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').toLowerCase();

function isAddress(text: string): boolean {
  if (text.includes(':')) return URL.canParse(`http://[${text}]/`);
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

function parseResolved(input: unknown): Checked<ResolvedName> {
  const expected = 'host:port:address, like llm.example.com:443:10.0.0.7';
  const match = typeof input === 'string' ? RESOLVE.exec(input.trim()) : null;
  if (match === null) return { ok: false, problem: { expected } };
  const [, host = '', port = '', address = ''] = match;
  if (Number(port) < 1 || Number(port) > 65_535)
    return { ok: false, problem: { wrong: `invalid port ${port}`, expected } };
  if (!isAddress(bare(address)))
    return { ok: false, problem: { wrong: `invalid IPv4 or IPv6 address ${address}`, expected } };
  return { ok: true, value: { host: bare(host), port: Number(port), address: bare(address) } };
}

const TEXTS: Readonly<Record<string, unknown>> = {
  anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }],
};

/** One value or a list, each parsed and reported separately. */
export function listOf<T>(
  parse: (input: unknown) => Checked<T>,
  description: string,
  examples: readonly unknown[],
) {
  return z
    .unknown()
    .transform((input, context): T[] => {
      const values: T[] = [];
      const list: [(number | string)[], unknown][] = Array.isArray(input)
        ? input.map((each: unknown, at) => [[at], each])
        : [[[], input]];
      for (const [path, each] of list) {
        const result = parse(each);
        if (result.ok) values.push(result.value);
        else context.issues.push({ code: 'custom', input: each, path, params: { ...result.problem } });
      }
      return values;
    })
    .meta({ ...TEXTS, description, examples: [...examples] })
    .register(keyInfo, { type: 'list of texts' });
}

export const resolveField = listOf(
  parseResolved,
  'Addresses to connect to instead of those that names resolve to, each as `host:port:address`.',
  [['llm.example.com:443:10.0.0.7']],
).optional();

/** The longest path of a Unix socket, in bytes, on Linux. Some systems truncate longer ones silently. */
const LONGEST_SOCKET_PATH = 107;

export const unixSocketField = text(
  'A Unix socket to connect to instead of the URL’s host and port, which are still sent in the `host` header.',
  {
    type: 'path',
    expected: `the path of a Unix socket, of at most ${LONGEST_SOCKET_PATH} bytes`,
    accepts: (path) => Buffer.byteLength(path) <= LONGEST_SOCKET_PATH,
    examples: ['/run/vllm.sock'],
  },
).optional();

export const http2Field = toggle(
  'Use HTTP/2: over https if the server accepts it (ALPN), over http always. Each request in flight still has its own connection.',
);

export const NO_PROXY_WORD = 'none';

/** @returns the URL as written, or the word `none` */
function parseProxy(input: unknown): Checked<string> {
  const expected = 'the URL of a proxy, like http://proxy.example.com:3128, or none';
  const fail = (problem: Problem = {}): Checked<string> => ({ ok: false, problem: { expected, ...problem } });
  if (input === NO_PROXY_WORD) return { ok: true, value: NO_PROXY_WORD };
  if (typeof input !== 'string') return fail();
  const written = input.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase();
  if (scheme === undefined) return fail(/^[\w.-]+:\d+$/.test(written) ? { meant: `http://${written}` } : {});
  if (scheme !== 'http' && scheme !== 'https')
    return fail({ wrong: `unsupported scheme ${scheme}; goodput supports http and https proxies` });
  if (!URL.canParse(written)) return fail({ wrong: 'invalid URL' });
  return { ok: true, value: written };
}

export const proxyField = field(parseProxy, {
  type: 'URL or none',
  description:
    'The proxy to use; `none` for none. Default: `HTTPS_PROXY` or `HTTP_PROXY`, unless `NO_PROXY` lists the host or it is a loopback address.',
  json: { type: 'string', minLength: 1 },
  examples: ['http://proxy.example.com:3128'],
}).optional();

const PEM_FILE = {
  type: 'path',
  expected: 'the path of a PEM file',
  // The key itself in place of its path would be shown and recorded.
  accepts: (path: string) => !/-----BEGIN|\n/.test(path),
};

export const tlsSection = z
  .strictObject(
    {
      ca: text(
        'A PEM file of certificate authorities to trust in addition to Node’s, or the server’s own certificate.',
        { ...PEM_FILE, examples: ['ca.pem'] },
      ).optional(),
      cert: text('A PEM file with the client certificate and its chain.', {
        ...PEM_FILE,
        examples: ['client.pem'],
      }).optional(),
      key: text('A PEM file with the private key of that certificate, without a passphrase.', {
        ...PEM_FILE,
        examples: ['client-key.pem'],
      }).optional(),
      servername: text(
        'The server name (SNI) that the server’s certificate must be valid for. Default: the host of the URL.',
        {
          expected: 'a host name',
          accepts: (name) => /^[\w.-]+$/.test(name),
          examples: ['llm.example.com'],
        },
      ).optional(),
      insecure: toggle(
        'Skip certificate verification. The report says so, because the answers may come from another server.',
      ).prefault(false),
    },
    { error: 'a map with ca, cert, key, servername and insecure' },
  )
  .meta({ description: 'Certificates for https. Paths are relative to the scenario file.' });
