import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { DIRECT } from '../../src/client/connection/network-route.ts';
import { PageScraper } from '../../src/telemetry/page-scraper.ts';
import type { RawScrape } from '../../src/telemetry/target.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const SECRET = 'hunter2hunter2';

/** Returns the first scrapes of a server, and the last one after them. */
async function scrapesOf(
  answer: (request: IncomingMessage, response: ServerResponse, n: number) => void,
  { count = 1, limits = { time: 2000, bytes: 1024 * 1024 } } = {},
): Promise<RawScrape[]> {
  let requests = 0;
  server = createServer((request, response) => answer(request, response, requests++));
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return scraped(`http://127.0.0.1:${port}/metrics?token=${SECRET}`, count, limits);
}

async function scraped(
  url: string,
  count: number,
  limits: { time: number; bytes: number },
): Promise<RawScrape[]> {
  const scrapes: RawScrape[] = [];
  const enough = Promise.withResolvers<void>();
  const scraper = new PageScraper(
    { kind: 'page', label: 'target', url, headers: { authorization: `Bearer ${SECRET}` }, route: DIRECT },
    10,
    (scrape) => {
      scrapes.push(scrape);
      if (scrapes.length >= count) enough.resolve();
    },
    limits,
  );
  await scraper.first;
  expect(scrapes).toHaveLength(1);
  await enough.promise;
  await scraper.end();
  return scrapes;
}

test('a page is scraped repeatedly over one connection, and once more at the end', async () => {
  const ports = new Set<number | undefined>();
  const scrapes = await scrapesOf(
    (request, response, n) => {
      ports.add(request.socket.remotePort);
      response.end(`n ${n}\n`);
    },
    { count: 4 },
  );
  expect(scrapes.length).toBeGreaterThan(4);
  expect(scrapes.map(({ values }) => values!['n'])).toEqual(scrapes.map((_, k) => k));
  expect(ports.size).toBe(1);
  for (const [k, { sent_ns, received_ns }] of scrapes.entries()) {
    expect(received_ns).toBeGreaterThan(sent_ns);
    if (k > 0) expect(sent_ns).toBeGreaterThan(scrapes[k - 1]!.received_ns);
  }
});

test('a compressed page is decoded', async () => {
  const [scrape] = await scrapesOf((request, response) => {
    expect(request.headers['accept-encoding']).toBe('gzip');
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('a 1\n'));
  });
  expect(scrape).toMatchObject({ target: 'target', values: { a: 1 }, error: null });
});

const html = { 'content-type': 'text/html' };

test.each([
  [
    'another format',
    /not Prometheus.*text\/html.*<html>/,
    (r: ServerResponse) => r.writeHead(200, html).end('<html>\n<p>'),
  ],
  ['no series', /not Prometheus.*empty/, (r: ServerResponse) => r.end('')],
  [
    'a status',
    /HTTP 501.*--metrics/,
    (r: ServerResponse) => r.writeHead(501).end('{"error":"Start it with `--metrics`"}'),
  ],
  [
    'a redirect',
    /HTTP 302/,
    (r: ServerResponse) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  ['a huge page', /larger than 1 MiB/, (r: ServerResponse) => r.end('a 1\n'.repeat(300_000))],
  [
    'a huge compressed page',
    /larger than 1 MiB/,
    (r: ServerResponse) =>
      r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
  ],
  [
    'an answer that is cut off',
    /closed|ECONNRESET/,
    (r: ServerResponse) => r.writeHead(200, { 'content-length': 9 }).write('a', () => r.destroy()),
  ],
])('%s is a failed scrape, and the next page is read', async (_, error, answer) => {
  const scrapes = await scrapesOf(
    (_request, response, n) => (n === 0 ? answer(response) : response.end('a 1\n')),
    {
      count: 2,
    },
  );
  expect(scrapes[0]).toMatchObject({ values: null, error: expect.stringMatching(error) });
  expect(scrapes[1]).toMatchObject({ values: { a: 1 }, error: null });
});

test('a server that does not answer in time is a failed scrape, and the end does not wait for it twice', async () => {
  const scrapes = await scrapesOf(() => undefined, { limits: { time: 60, bytes: 1000 } });
  for (const { error } of scrapes) expect(error).toMatch(/no complete answer within 60ms/);
  expect(scrapes.length).toBeLessThanOrEqual(3);
});

test('a server that is down is a failed scrape', async () => {
  const scrapes = await scraped('http://127.0.0.1:1/metrics', 2, { time: 2000, bytes: 1000 });
  expect(scrapes[0]!.error).toBe('connection refused');
});

test('an error repeats no credential that the server repeats', async () => {
  const [scrape] = await scrapesOf((request, response) =>
    response.writeHead(401).end(`no: ${request.url} ${request.headers.authorization}`),
  );
  expect(scrape!.error).toContain('HTTP 401: no');
  expect(scrape!.error).not.toContain(SECRET);
});
