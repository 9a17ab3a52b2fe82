/** @module-tag timed */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import { main } from '../../src/cli/main.ts';
import { openRun } from '../../src/record/reader.ts';
import type { Sample } from '../../src/sample.ts';
import { PROVIDERS } from '../../src/scenario/keys/providers.ts';
import { fakeConsole } from './console.ts';
import { dialectOf } from './dialects.ts';
import { scratchFolder } from './goodput.ts';

const page = readFileSync(new URL('../../docs/endpoints.md', import.meta.url), 'utf8');
const examples = new Map(
  [...page.matchAll(/^goodput (run --provider (\w+) .*)$/gm)].map(([, line, name]) => [
    name!,
    line!.split(' '),
  ]),
);
const scratch = await scratchFolder();
const KEY = 'sk-of-an-example-0001';

interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

/** A server that answers every request as the provider's does, whatever is asked. */
async function serverOf(name: string): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const { bytes, headers } = dialectOf(name);
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify({ data: [{ id: 'its-own-model' }] }));
      return;
    }
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      asked.push({
        path: request.url!,
        headers: request.headers,
        body: JSON.parse(text) as Record<string, unknown>,
      });
      response.writeHead(200, headers).end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** The example of the docs, for two requests and with the provider's host replaced by the server's. */
async function carryOut(name: string, url: string): Promise<{ samples: Sample[]; err: string }> {
  // Its length gives way to ours, and its host: a second --url would be another replica.
  const line = examples
    .get(name)!
    .join(' ')
    .replace(/ --duration \S+/, '')
    .replace(/ --url \S+/, '')
    .split(' ');
  const out = join(scratch, name);
  const io = fakeConsole({ EXAMPLE_KEY: KEY });
  const ours =
    '--api-key-env EXAMPLE_KEY --no-probe --requests 2 --rate 50/s --warmup 0s --drain 50s --quiet --json';
  await main([...line, '--url', url, '--out', out, ...ours.split(' ')], io);
  const { samples } = await openRun(out);
  const read: Sample[] = [];
  for await (const sample of samples()) read.push(sample);
  return { samples: read, err: io.err() };
}

test('every provider has an example in the docs', () => {
  expect([...examples.keys()]).toEqual(PROVIDERS.map(({ name }) => name));
});

describe(
  'an example of the docs, against a server that answers as its server does',
  { timeout: 60_000 },
  () => {
    test.concurrent.each(PROVIDERS.map((provider) => [provider.name, provider] as const))(
      '%s',
      async (name, provider) => {
        const dialect = dialectOf(name);
        const server = await serverOf(name);
        const path = new URL(provider.url.value ?? provider.form!).pathname;
        const { samples } = await carryOut(name, server.url + path);
        expect(samples).toHaveLength(2);
        for (const sample of samples) {
          expect(sample).toMatchObject({
            outcome: 'ok',
            output_tokens: dialect.output_tokens,
            tokens_from: dialect.tokens_from,
          });
        }

        expect(server.asked).toHaveLength(2);
        const [api] = provider.apis;
        const { path: asked, headers, body } = server.asked[0]!;
        expect(asked).toBe(path.replace(/\/$/, '') + apiNamed(api).path);
        // The key stands in the provider's own header, and in no other.
        const [own, value] =
          provider.keyHeader !== undefined
            ? [provider.keyHeader, KEY]
            : api === 'messages'
              ? ['x-api-key', KEY]
              : ['authorization', `Bearer ${KEY}`];
        const carriers = Object.entries(headers).filter(([, text]) => String(text).includes(KEY));
        expect(carriers).toEqual([[own, value]]);
        expect(body).toMatchObject({
          model: provider.model ?? 'its-own-model',
          [provider.limit]: 128,
          stream: true,
        });
        if (api === 'messages') return;
        const options = body['stream_options'] as Record<string, unknown>;
        expect(options['include_usage']).toBe(true);
        expect('continuous_usage_stats' in options).toBe(
          provider.optionalFields.includes('continuous_usage_stats'),
        );
        expect('return_token_ids' in body).toBe(provider.optionalFields.includes('return_token_ids'));
      },
    );
  },
);
