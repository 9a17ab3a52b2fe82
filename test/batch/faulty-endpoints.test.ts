import { createServer, type IncomingMessage } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { carryOutBatch, type FinishedBatch } from '../../src/batch/carry-out-batch.ts';
import { Pauses } from '../../src/batch/pauses.ts';
import { openRun } from '../../src/record/reader.ts';
import { resolveSingleRun } from '../../src/scenario/runs.ts';
import { scratch, served } from './served.ts';

const SCENARIO = `
load: { concurrency: 1, requests: 6, warmup: 0s }
workload: { input: 5, output: 3 }
run: { probe: false }
`;

async function batch(url: string, flags: Record<string, string> = {}): Promise<FinishedBatch> {
  const out = join(await scratch(), 'run');
  const file = { path: 'test.yaml', text: SCENARIO };
  const run = resolveSingleRun({ file, env: {}, flags: { url: [url], out, ...flags } });
  return carryOutBatch(run, { pauses: new Pauses(0.001), io: { say() {}, warn() {} } });
}

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
  /** The connection breaks within the body. */
  breaks?: true;
}

type Routes = Record<string, (request: { body: string; nth: number }) => Answer>;

/** Starts an endpoint that answers as told, and counts the requests of each path. */
async function endpoint(routes: Routes): Promise<{ url: string; calls: Map<string, number> }> {
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const key = `${request.method} ${(request.url ?? '').replace(/^\/v1|\?.*$/g, '')}`;
      const nth = (calls.get(key) ?? 0) + 1;
      calls.set(key, nth);
      const answer = routes[key]?.({ body, nth }) ?? {
        status: 404,
        body: { error: { message: `no ${key}` } },
      };
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      const length = Buffer.byteLength(text) + (answer.breaks === true ? 10 : 0);
      response.writeHead(answer.status ?? 200, { 'content-length': length, ...answer.headers });
      response.write(text);
      if (answer.breaks === true) setImmediate(() => response.destroy());
      else response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/v1`, calls };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += String(piece);
  return body;
}

/** Returns the ids of the requests in an upload. */
const idsIn = (body: string): string[] => [...body.matchAll(/"custom_id":"([^"]+)"/g)].map(([, id]) => id!);

const ok = (id: string, input = 5): string =>
  JSON.stringify({
    custom_id: id,
    response: {
      status_code: 200,
      body: { choices: [], usage: { prompt_tokens: input, completion_tokens: 3 } },
    },
    error: null,
  });

/** Returns the routes of OpenAI's protocol, of a batch that has ended as soon as it was created. */
function openai(results: (ids: string[]) => string[], batch: object = {}): Routes {
  let ids: string[] = [];
  return {
    'GET /models': () => ({ body: { data: [{ id: 'm' }] } }),
    'POST /files': ({ body }) => {
      ids = idsIn(body);
      return { body: { id: 'file-1' } };
    },
    'POST /batches': () => ({ body: { id: 'batch-1', status: 'validating' } }),
    'GET /batches/batch-1': () => ({
      body: { id: 'batch-1', status: 'completed', output_file_id: 'out-1', ...batch },
    }),
    'GET /files/out-1/content': () => ({ body: results(ids).join('\n') }),
  };
}

it('duplicate, unknown and missing results are counted, and the first of two counts', async () => {
  const { url } = await endpoint(
    openai(([a, b, c]) => [ok(a!), ok(b!), ok(a!, 99), ok('r-of-somebody'), 'no JSON', ok(c!)]),
  );
  const { status, summary, dir } = await batch(url);
  expect(status).toBe('complete');
  expect(summary).toMatchObject({ ok: 3, duplicates: 1, unknown: 2, missing: 3, requests: 6 });
  expect(summary.failed).toEqual({ protocol_error: 3 });
  expect(summary.tokens.input).toBe(15);
  const ids: number[] = [];
  for await (const { i } of (await openRun(dir)).samples()) ids.push(i);
  expect(new Set(ids).size).toBe(6);
});

it('a batch that the endpoint refuses is reported with its reason, and no request counts as sent', async () => {
  const data = [{ code: 'invalid_model', message: 'The model m is not supported.', line: 1 }];
  const { url } = await endpoint(
    openai(() => [], { status: 'failed', output_file_id: null, errors: { data } }),
  );
  const { summary } = await batch(url);
  expect(summary.batches[0]!.refused).toContain('line 1: The model m is not supported.');
  expect(summary.failed).toEqual({ not_sent: 6 });
});

it('an endpoint without a Batch API is named as such', async () => {
  const { url } = await endpoint({ 'GET /models': () => ({ body: { data: [{ id: 'm' }] } }) });
  const { status, error } = await batch(url);
  expect(status).toBe('failed');
  expect(error).toMatchObject({ kind: 'unusable' });
  expect(error!.message).toContain('404');
  expect(error!.hint).toContain('no Batch API');
});

it('a wrong key is named as such, and is not in the folder', async () => {
  const { url } = await served([], { apiKey: 'sk-right' });
  const out = join(await scratch(), 'run');
  const file = { path: 'test.yaml', text: SCENARIO };
  const env = { GOODPUT_API_KEY: 'sk-wrong-0123456789' };
  const run = resolveSingleRun({ file, env, flags: { url: [url], out } });
  const { error } = await carryOutBatch(run, { pauses: new Pauses(0.001), io: { say() {}, warn() {} } });
  expect(error).toMatchObject({ kind: 'unusable', exitCode: 98 });
  expect(error!.hint).toContain('API key');
  for (const name of ['run.json', 'batch.json', 'summary.json', 'input-1.jsonl'])
    expect(await readFile(join(out, name), 'utf8')).not.toContain('sk-wrong');
});

it('a dead endpoint is named as such, and the same command can upload later', async () => {
  const { error, dir } = await batch('http://127.0.0.1:9/v1');
  expect(error).toMatchObject({ kind: 'unusable' });
  expect(error!.hint).toContain('is the server listening');
  expect(JSON.parse(await readFile(join(dir, 'batch.json'), 'utf8'))).toMatchObject({
    parts: [{ upload_sent_us: null, batch_id: null }],
  });
});

it('uploads again what was refused because of load, polls again after an error, reads broken results again', async () => {
  const routes = openai((ids) => ids.map((id) => ok(id)));
  const busy = { status: 503, headers: { 'retry-after': '1' }, body: { error: { message: 'busy' } } };
  const { url, calls } = await endpoint({
    ...routes,
    'POST /files': (request) => (request.nth === 1 ? busy : routes['POST /files']!(request)),
    'GET /batches/batch-1': (request) =>
      request.nth < 3 ? { status: 500, body: 'oops' } : routes['GET /batches/batch-1']!(request),
    'GET /files/out-1/content': (request) => {
      const answer = routes['GET /files/out-1/content']!(request);
      return request.nth === 1 ? { body: String(answer.body).slice(0, 200), breaks: true } : answer;
    },
  });
  const { status, summary } = await batch(url);
  expect([status, summary.ok, summary.duplicates]).toEqual(['complete', 6, 0]);
  expect(calls.get('POST /files')).toBe(2);
  expect(calls.get('POST /batches')).toBe(1);
  expect(calls.get('GET /files/out-1/content')).toBe(2);
});

it('an upload whose answer is lost is not repeated', async () => {
  const { url, calls } = await endpoint({
    ...openai((ids) => ids.map((id) => ok(id))),
    'POST /batches': () => ({ body: '{"id":', breaks: true }),
  });
  const { status, error } = await batch(url);
  expect([status, error?.kind]).toEqual(['failed', 'endpoint']);
  expect(calls.get('POST /batches')).toBe(1);
});

it('does not send the key to the host that results_url names', async () => {
  let asked = '';
  const result = (id: string): string =>
    JSON.stringify({
      custom_id: id,
      result: { type: 'succeeded', message: { usage: { input_tokens: 5, output_tokens: 3 } } },
    });
  let ids: string[] = [];
  const { url } = await endpoint({
    'GET /models': () => ({ body: { data: [{ id: 'm' }] } }),
    'POST /messages/batches': ({ body }) => {
      ids = idsIn(body);
      // The upload is one JSON document.
      expect((JSON.parse(body) as { requests: unknown[] }).requests).toHaveLength(6);
      return { body: { id: 'b', processing_status: 'in_progress' } };
    },
    'GET /messages/batches/b': () => ({
      body: { id: 'b', processing_status: 'ended', results_url: 'http://127.0.0.1:9/elsewhere' },
    }),
    'GET /messages/batches/b/results': () => {
      asked = 'here';
      return { body: ids.map(result).join('\n') };
    },
  });
  const { summary } = await batch(url, { api: 'messages' });
  expect([asked, summary.ok, summary.tokens]).toEqual(['here', 6, { input: 30, cached: 0, output: 18 }]);
});
