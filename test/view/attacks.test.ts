import { connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { openView } from '../../src/view/server.ts';
import { CANARY, hostileFolders } from './folders.ts';

const { root, outside } = await hostileFolders();
const view = await openView(root, 0);
afterAll(() => view.close());
const port = Number(new URL(view.url).port);
const HOST = `127.0.0.1:${port}`;

/** Sends bytes as they are, and returns all that comes back until the connection closes. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer));
    socket.on('error', () => {});
    socket.write(bytes, 'latin1');
  });
}

const request = (line: string, ...headers: string[]): Promise<string> =>
  exchange([`${line} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'));

const get = (path: string, ...headers: string[]): Promise<string> =>
  request(`GET ${path}`, `Host: ${HOST}`, ...headers);

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

/** Paths of files and folders outside, as attackers write them. */
const PATHS = [
  '/../secret.txt',
  '/../../../../../../etc/passwd',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/%252e%252e%252fsecret.txt',
  '/..%5c..%5csecret.txt',
  '/..\\..\\secret.txt',
  '/....//....//secret.txt',
  '/%c0%ae%c0%ae/secret.txt',
  '/%uff0e%uff0e/secret.txt',
  '/a/../../secret.txt',
  '/a/run.json%00.html',
  '//etc/passwd',
  '/file:///etc/passwd',
  '/.git/config',
  '/a/samples.jsonl',
  '/a',
];

/** Identifiers of runs that lead outside. */
const IDS = [
  '../outside',
  '..%2foutside',
  '%2e%2e%2foutside',
  '%252e%252e%252foutside',
  'a/../../outside',
  'a%2f..%2f..%2foutside',
  '..\\outside'.replace('\\', '%5c'),
  'a%00/../../outside',
  encodeURIComponent(outside),
  `file:%2f%2f${encodeURIComponent(outside)}`,
  '.%2f..%2foutside',
  'linked-folder',
  'linked-samples',
  'linked-header',
  'rounds',
  '.',
  '',
  '__proto__',
  'constructor',
  'a&id=../outside&new=../outside',
  '%ff%fe',
];

describe('nothing outside of the folder is served', () => {
  it.each(PATHS)('path %s', async (path) => {
    const answer = await get(path);
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(answer).not.toContain(CANARY);
    expect(answer).not.toContain('root:');
  });

  it.each(['run', 'so-far', 'compare'].flatMap((page) => IDS.map((id) => [page, id])))(
    'page %s of run %s',
    async (page, id) => {
      const query = page === 'compare' ? `base=a&new=${id}` : `id=${id}`;
      const answer = await get(`/${page}?${query}`);
      expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
      expect(answer).not.toContain(CANARY);
    },
  );

  it('the list has no run that is reached through a link', async () => {
    const answer = await get('/entries');
    expect(statusOf(answer)).toBe(200);
    expect(answer).not.toContain(CANARY);
    const { entries } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as { entries: { id: string }[] };
    // The samples of one are a link, so it is listed, and cannot be opened.
    expect(entries.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'linked-samples', 'rounds']);
  });
});

describe('other websites are refused', () => {
  it.each([
    ['a name that resolves to this machine', [`Host: evil.example:${port}`]],
    ['its own name without the port', ['Host: 127.0.0.1']],
    ['another port', ['Host: 127.0.0.1:80']],
    ['another address of this machine', [`Host: 127.0.0.2:${port}`]],
    ['a decimal address', [`Host: 2130706433:${port}`]],
    ['an IPv6 address', [`Host: [::ffff:127.0.0.1]:${port}`]],
    ['a name that ends with a dot', [`Host: localhost.:${port}`]],
    ['a user before the name', [`Host: a@127.0.0.1:${port}`]],
    ['no name', []],
    ['an empty name', ['Host:']],
    ['two names', [`Host: ${HOST}`, 'Host: evil.example']],
    ['an origin', [`Host: ${HOST}`, 'Origin: http://evil.example']],
    ['the origin of a file', [`Host: ${HOST}`, 'Origin: null']],
    ['an origin with another scheme', [`Host: ${HOST}`, `Origin: https://${HOST}`]],
    ['an origin that begins like this one', [`Host: ${HOST}`, `Origin: http://${HOST}.evil.example`]],
    ['a link', [`Host: ${HOST}`, 'Sec-Fetch-Site: cross-site']],
    ['another port of this machine', [`Host: ${HOST}`, 'Sec-Fetch-Site: same-site']],
    ['an unknown site', [`Host: ${HOST}`, 'Sec-Fetch-Site: x']],
  ])('%s', async (_, headers) => {
    for (const path of ['/', '/entries', '/run?id=a']) {
      const answer = await request(`GET ${path}`, ...headers);
      expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
      expect(statusOf(answer)).toBeLessThan(500);
      expect(answer).not.toContain('smollm2');
    }
  });

  it.each([`Host: ${HOST}`, `Host: localhost:${port}`, `HOST: LOCALHOST:${port}`, `Host: [::1]:${port}`])(
    'its own names are not: %s',
    async (host) => {
      expect(statusOf(await request('GET /', host, 'Sec-Fetch-Site: none'))).toBe(200);
      const [, name] = host.split(': ');
      const own = await request(
        'GET /entries',
        host,
        `Origin: http://${name!.toLowerCase()}`,
        'Sec-Fetch-Site: same-origin',
      );
      expect(statusOf(own)).toBe(200);
    },
  );
});

describe('what is no plain reading is refused', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])('method %s', async (method) => {
    const answer = await request(`${method} /`, `Host: ${HOST}`);
    expect(statusOf(answer)).toBe(405);
    expect(answer).toMatch(/^allow: GET, HEAD\r$/im);
  });

  it.each([
    ['a method that does not exist', `BREW / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['a tunnel', `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    [
      'an absolute address',
      `GET http://evil.example/ HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`,
    ],
    ['an asterisk', `GET * HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`],
    ['a NUL', `GET /\0 HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`],
    ['a line break in a header', `GET / HTTP/1.1\r\nHost: ${HOST}\nX: y\r\n\r\n\r\n`],
    ['no HTTP', 'hello\r\n\r\n'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['a body', `GET / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello`],
    ['a body in chunks', `GET / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    [
      'two lengths, to hide a second request',
      `GET / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /run?id=a HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
    ],
    ['a long address', `GET /${'a'.repeat(5000)} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`],
    ['a huge address', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['huge headers', `GET / HTTP/1.1\r\nHost: ${HOST}\r\n${'X-A: b\r\n'.repeat(20_000)}\r\n`],
  ])('%s', async (_, bytes) => {
    const answer = await exchange(bytes);
    expect(answer).not.toContain('smollm2');
    // A connection may be closed without an answer.
    if (answer !== '') expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
  });

  it('a request that never ends is cut off, and others are answered meanwhile', async () => {
    const slow = exchange(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Slow: `);
    expect(statusOf(await get('/entries'))).toBe(200);
    expect([408, NaN]).toContain(statusOf(await slow));
  });
});

describe('every answer', () => {
  it.each([
    '/',
    '/entries',
    '/run?id=a',
    '/compare?base=a&new=b',
    '/trend?name=smollm2',
    '/nothing',
    '/run?id=x',
  ])('forbids what a page does not need: %s', async (path) => {
    const answer = await get(path);
    const head = answer.slice(0, answer.indexOf('\r\n\r\n')).toLowerCase();
    expect(head).toContain('\r\nx-content-type-options: nosniff');
    expect(head).toContain('\r\ncache-control: no-store');
    expect(head).toContain('\r\nreferrer-policy: no-referrer');
    expect(head).toMatch(/\r\ncontent-security-policy: [^\r]*frame-ancestors 'none'/);
    expect(head).not.toContain('set-cookie');
    expect(head).not.toContain('access-control');
    // Its own policy or that of the page allows nothing by default.
    expect(answer).toMatch(/default-src 'none'/);
    expect(answer).not.toMatch(/unsafe-inline|unsafe-eval/);
  });

  it('to HEAD has the headers of GET, and no body', async () => {
    const head = await request('HEAD /entries', `Host: ${HOST}`);
    expect(statusOf(head)).toBe(200);
    expect(head.endsWith('\r\n\r\n')).toBe(true);
    expect(head).toMatch(/content-length: [1-9]/i);
  });
});
