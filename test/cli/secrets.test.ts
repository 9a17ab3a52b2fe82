/** @module-tag timed */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goodput, scratchFolder, serve } from './goodput.ts';

const SECRETS = {
  GOODPUT_API_KEY: 'key+of/nobody=1',
  TENANT: 'tenant-of-nobody-2',
  USER_ID: 'user-of-nobody-3',
  ACCOUNT: 'account-of-nobody-4',
};

const COOKIES = ['cookie+of/nobody=5', 'cookie-of-nobody-6'];

/** How a server may write what it was sent. */
const WRITERS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) =>
    text.replaceAll(/[^a-z0-9 ]/gi, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`),
  (text) => text.replaceAll('/', '\\/'),
  (text) => text.replaceAll(/[^a-z0-9 ]/gi, (each) => `&#${each.charCodeAt(0)};`),
  encodeURIComponent,
  btoa,
];
/** In base64 a secret begins at one of three places of a group. */
const written = (secret: string): string[] => [
  ...WRITERS.map((write) => write(secret)),
  ...['a', 'ab'].map((before) => btoa(before + secret).slice(4, -4)),
];

const scratch = await scratchFolder();

/** A server that repeats all that it was sent, each time in another way: in errors, headers, redirects and streams. */
const { url } = await serve((request, response) => {
  void read(request).then((body) => {
    const write = WRITERS[Math.floor(count / 4) % WRITERS.length]!;
    const said = write(`${request.url} ${request.rawHeaders.join(' ')} ${body}`);
    const way = count++ % 4;
    const header = { 'x-request-id': said.slice(0, 900), server: said.slice(0, 900) };
    if (way === 0)
      response.writeHead(401, header).end(JSON.stringify({ error: { message: said, code: said } }));
    else if (way === 1)
      response.writeHead(302, { ...header, location: `/v1?${encodeURIComponent(said)}` }).end(said);
    else {
      const delta = { index: 0, delta: { content: 'word' }, finish_reason: null };
      response.writeHead(200, { ...header, 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ choices: [delta] })}\n\n`);
      response.write(`data: ${JSON.stringify({ choices: [{ ...delta, delta: { content: said } }] })}\n\n`);
      const end =
        way === 2
          ? { error: { message: said } }
          : { choices: [{ ...delta, delta: {}, finish_reason: said }] };
      response.end(`data: ${JSON.stringify(end)}\n\n`);
    }
  });
});
let count = 0;

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** All that lies below a folder. */
async function contents(dir: string): Promise<Map<string, string>> {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const each of files)
    if (each.isFile()) {
      const path = join(each.parentPath, each.name);
      found.set(path, await readFile(path, 'utf8'));
    }
  return found;
}

const SCENARIO = `endpoint:
  url: "${url}/v1?account=\${ACCOUNT}"
  headers: { x-tenant: "\${TENANT}", cookie: "session=${COOKIES[0]}; other=${COOKIES[1]}" }
  body: { user: "\${USER_ID}" }
workload: { input: { tokens: 10 }, output: { tokens: 2 } }
load: { warmup: 0s, drain: 5s, LOAD }
slo: { ttft: 1s }
MORE
`;

test.each([
  ['run', 'rate: 20/s, requests: 24', '', ['--keep-text']],
  ['run', 'rate: 20/s, requests: 12', '', ['--against', `${url}/v1`, '--rounds', '2']],
  ['run', 'requests: 12', 'sweep: { rate: [20/s, 30/s] }', []],
  ['capacity', 'arrivals: poisson', '', ['--budget', '3s']],
  ['probe', 'rate: 20/s', '', []],
])(
  '%s (%s): a server that repeats everything brings no secret into a file, a stream or an error',
  async (...given) => {
    const [command, load, more, flags] = given;
    const dir = join(scratch, `try-${count}`);
    const file = join(scratch, `try-${count}.yaml`);
    await writeFile(file, SCENARIO.replace('LOAD', load).replace('MORE', more));
    const out = command === 'probe' ? [] : ['--out', dir];
    const { stdout, stderr, code } = await goodput([command, file, ...out, ...flags], { env: SECRETS });
    expect(code).not.toBe(104);
    const files = out.length === 0 ? new Map<string, string>() : await contents(dir);
    if (out.length > 0) expect([...files.values()].join('')).toContain('[redacted]');
    for (const secret of [...Object.values(SECRETS), ...COOKIES].flatMap(written)) {
      expect(stdout + stderr).not.toContain(secret);
      for (const [path, text] of files)
        expect([secret, path, text.includes(secret)]).toEqual([secret, path, false]);
    }
  },
  120_000,
);
