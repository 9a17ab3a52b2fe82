/** @module-tag timed */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Fault, parseFault } from '../../src/faults.ts';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { type GivenSettings, resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { call, type Reply } from './http.ts';
import { linear } from './linear.ts';

let endpoint: Endpoint | null = null;
let log = '';
let url = '';

async function open(faults: readonly string[] = [], given: GivenSettings = {}): Promise<void> {
  endpoint = new Endpoint(
    resolveSettings({
      cost: linear({ base: 1000 }),
      engine: { kvBlocks: 100_000 },
      faults: faults.map(fault),
      ...given,
    }),
  );
  url = await endpoint.listen();
  log = join(await mkdtemp(join(tmpdir(), 'batches-')), 'truth.jsonl');
  endpoint.begin(log);
}

afterEach(async () => {
  await endpoint?.close();
  endpoint = null;
});

function fault(text: string): Fault {
  const parsed = parseFault(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

/** Closes the endpoint and returns the requests of its log. */
async function truth(): Promise<Record<string, unknown>[]> {
  await endpoint!.close();
  endpoint = null;
  const rows = (await readFile(log, 'utf8')).trim().split('\n');
  return rows.map((row): Record<string, unknown> => JSON.parse(row)).filter((row) => 'id' in row);
}

const get = (path: string): Promise<Reply> => call(url + path, { method: 'GET' });
/** The fields of the answers of both protocols that the tests look at. */
interface Answered {
  id: string;
  status: string;
  processing_status: string;
  request_counts: { completed: number; failed: number; succeeded: number; canceled: number };
  output_file_id: string;
  error_file_id: string;
  results_url: string;
  error: { param: string; message: string };
}

/** A line of the results of either protocol. */
interface ResultLine {
  custom_id: string;
  response: {
    status_code: number;
    request_id: string;
    body: { usage: { completion_tokens: number } };
  };
  error: { code: string } | null;
  result: { type: string; error: unknown; message: { id: string; usage: { output_tokens: number } } };
}

function json(reply: Reply): Answered {
  const answered: Answered = JSON.parse(reply.text);
  return answered;
}

const lines = (text: string): ResultLine[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const parsed: ResultLine = JSON.parse(line);
      return parsed;
    });

const body = (tokens: number) => ({
  model: 'm',
  messages: [{ role: 'user', content: 'what is the time' }],
  max_tokens: tokens,
});
const requestOf = (k: number, given: object = {}) => ({
  custom_id: `r${k}`,
  method: 'POST',
  url: '/v1/chat/completions',
  body: body(k + 1),
  ...given,
});
const inputOf = (count: number): string =>
  Array.from({ length: count }, (_, k) => `${JSON.stringify(requestOf(k))}\n`).join('');

function upload(content: string, { purpose = 'batch', filename = 'in.jsonl' } = {}): Promise<Reply> {
  const text = [
    '--XYZ\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n',
    `${purpose}\r\n--XYZ\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n`,
    `Content-Type: application/jsonl\r\n\r\n${content}\r\n--XYZ--\r\n`,
  ].join('');
  const headers = { 'content-type': 'multipart/form-data; boundary=XYZ' };
  return call(`${url}/files`, { body: text, headers });
}

async function create(content: string): Promise<Answered> {
  const input_file_id = json(await upload(content)).id;
  const options = { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' };
  return json(await call(`${url}/batches`, { body: options }));
}

async function untilEnded(path: string, isEnded: (batch: Answered) => boolean): Promise<Answered> {
  for (;;) {
    const batch = json(await get(path));
    if (isEnded(batch)) return batch;
    await delay(5);
  }
}

const isOver = ({ status }: Answered): boolean =>
  ['completed', 'failed', 'expired', 'cancelled'].includes(status);
const hasEnded = ({ processing_status }: Answered): boolean => processing_status === 'ended';

describe("OpenAI's batches", () => {
  it('answers every request once, as the engine did by its log', async () => {
    await open();
    const batch = await create(inputOf(20));
    expect(batch).toMatchObject({ object: 'batch', status: 'validating' });
    const ended = await untilEnded(`/batches/${batch.id}`, isOver);
    expect(ended).toMatchObject({
      status: 'completed',
      error_file_id: null,
      request_counts: { total: 20, completed: 20, failed: 0 },
    });
    const results = lines((await get(`/files/${ended.output_file_id}/content`)).text);
    const ids = results.map(({ custom_id }) => custom_id);
    expect(ids).toHaveLength(20);
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 20 }, (_, k) => `r${k}`)));
    const seen = results.map(({ custom_id, response }) => {
      expect(response.status_code).toBe(200);
      // Request k asks for k + 1 tokens.
      expect(response.body.usage.completion_tokens).toBe(Number(custom_id.slice(1)) + 1);
      return [response.request_id, response.body.usage.completion_tokens] as const;
    });
    const computed = (await truth()).map(({ id, computed: tokens, end }) => {
      expect(end).toBe('complete');
      return [String(id), Number(tokens)] as const;
    });
    expect(new Map(seen)).toEqual(new Map(computed));
  });

  it('puts failed requests and those that a batch that expires has left into the error file', async () => {
    // The first request is struck by the fault, the second one is refused because of the model's context.
    await open(['500 times=1', 'expire after=8'], {
      engine: { maxNumSeqs: 2, kvBlocks: 1000, maxModelLen: 500 },
    });
    const content = inputOf(20).replace('"max_tokens":2}', '"max_tokens":1000}');
    const ended = await untilEnded(`/batches/${(await create(content)).id}`, isOver);
    expect(ended).toMatchObject({
      status: 'expired',
      request_counts: { total: 20, completed: 6, failed: 14 },
    });
    const results = lines((await get(`/files/${ended.output_file_id}/content`)).text);
    const errors = lines((await get(`/files/${ended.error_file_id}/content`)).text);
    expect(results).toHaveLength(6);
    const codes = errors.map(({ response, error }) => error?.code ?? response.status_code);
    expect(codes.filter((code) => code === 'batch_expired')).toHaveLength(12);
    expect(new Set(codes)).toEqual(new Set(['batch_expired', 400, 500]));
    const logged = await truth();
    expect(logged.filter(({ end }) => end === 'complete')).toHaveLength(6);
    expect(logged.filter(({ status }) => status === 500)).toHaveLength(1);
  });

  it('is cancelled: what runs ends, the rest is not executed', async () => {
    await open([], { engine: { maxNumSeqs: 2, kvBlocks: 1000 } });
    const { id } = await create(inputOf(200));
    await untilEnded(`/batches/${id}`, ({ request_counts }) => request_counts.completed > 0);
    expect(json(await call(`${url}/batches/${id}/cancel`)).status).toBe('cancelling');
    const ended = await untilEnded(`/batches/${id}`, isOver);
    const { completed, failed } = ended.request_counts;
    expect(ended.status).toBe('cancelled');
    expect(completed + failed).toBe(200);
    const errors = lines((await get(`/files/${ended.error_file_id}/content`)).text);
    expect(errors.every(({ error }) => error?.code === 'batch_cancelled')).toBe(true);
    expect(errors).toHaveLength(failed);
    expect((await call(`${url}/batches/${id}/cancel`)).status).toBe(409);
    expect((await truth()).filter(({ end }) => end === 'complete')).toHaveLength(completed);
  });

  it.each([
    ['duplicate_custom_id', [requestOf(1), requestOf(1)]],
    ['mismatched_url', [requestOf(1), requestOf(2, { url: '/v1/completions' })]],
    ['mismatched_model', [requestOf(1), requestOf(2, { body: { ...body(1), model: 'n' } })]],
    ['missing_required_parameter', [requestOf(1), { ...requestOf(2), custom_id: undefined }]],
    ['invalid_request', [requestOf(1), requestOf(2, { body: { ...body(1), stream: true } })]],
    ['invalid_json_line', [requestOf(1), '{']],
  ])('fails a batch whose second line has %s', async (code, rows) => {
    await open();
    const content = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
    const ended = await untilEnded(`/batches/${(await create(content)).id}`, isOver);
    expect(ended).toMatchObject({ status: 'failed', errors: { data: [{ code, line: 2 }] } });
    expect(await truth()).toEqual([]);
  });

  it('has at most 50,000 requests', async () => {
    await open();
    const content = Array.from({ length: 50_001 }, (_, k) => JSON.stringify(requestOf(k))).join('\n');
    const ended = await untilEnded(`/batches/${(await create(content)).id}`, isOver);
    expect(ended).toMatchObject({ status: 'failed', errors: { data: [{ code: 'too_many_tasks' }] } });
  });

  it('refuses uploads and batches that are wrong, in the form of the API', async () => {
    await open([], { apiKey: null });
    expect(json(await upload('', { purpose: 'assistants' })).error.param).toBe('purpose');
    expect(json(await upload('', { filename: 'in.txt' })).error.message).toContain('.jsonl');
    expect((await call(`${url}/files`, { body: 'x' })).status).toBe(400);
    const empty = await create('');
    expect(await untilEnded(`/batches/${empty.id}`, isOver)).toMatchObject({
      errors: { data: [{ code: 'empty_file' }] },
    });
    const input_file_id = json(await upload(inputOf(1))).id;
    const window = { input_file_id, endpoint: '/v1/chat/completions', completion_window: '1h' };
    expect(json(await call(`${url}/batches`, { body: window })).error.param).toBe('completion_window');
    const missing = { ...window, input_file_id: 'file-none', completion_window: '24h' };
    expect((await call(`${url}/batches`, { body: missing })).status).toBe(404);
    expect((await get('/batches/batch-none')).status).toBe(404);
    expect((await call(`${url}/files/${input_file_id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await get(`/files/${input_file_id}`)).status).toBe(404);
  });
});

describe("Anthropic's message batches", () => {
  const message = (k: number) => ({ custom_id: `r-${k}`, params: body(k + 1) });
  const createMessages = (requests: readonly unknown[]): Promise<Reply> =>
    call(`${url}/messages/batches`, { body: { requests } });

  it('answers every request, and counts none before the batch has ended', async () => {
    await open(['529 times=1', 'expire after=15'], { engine: { maxNumSeqs: 2, kvBlocks: 1000 } });
    const created = json(await createMessages(Array.from({ length: 20 }, (_, k) => message(k))));
    expect(created).toMatchObject({
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { processing: 20, succeeded: 0 },
      results_url: null,
    });
    expect((await get(`/messages/batches/${created.id}/results`)).status).toBe(404);
    const ended = await untilEnded(`/messages/batches/${created.id}`, hasEnded);
    expect(ended.request_counts).toEqual({
      processing: 0,
      succeeded: 14,
      errored: 1,
      canceled: 0,
      expired: 5,
    });
    const results = lines((await call(ended.results_url, { method: 'GET' })).text);
    const of = (type: string) => results.filter(({ result }) => result.type === type);
    expect([of('succeeded'), of('errored'), of('expired')].map(({ length }) => length)).toEqual([14, 1, 5]);
    expect(of('errored')[0]!.result.error).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error' },
    });
    const tokens = of('succeeded').map(
      ({ result: { message: said } }) => [said.id, said.usage.output_tokens] as const,
    );
    const complete = (await truth()).filter(({ end }) => end === 'complete');
    expect(new Map(tokens)).toEqual(
      new Map(complete.map(({ id, computed }) => [String(id), Number(computed)])),
    );
  });

  it.each([
    ['no requests', []],
    ['an invalid id', [{ ...message(1), custom_id: 'a b' }]],
    ['a duplicate id', [message(1), message(1)]],
    ['no params', [{ custom_id: 'a' }]],
  ])('refuses %s', async (_, requests) => {
    await open();
    const reply = await createMessages(requests);
    expect(reply.status).toBe(400);
    expect(json(reply)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  it('is canceled', async () => {
    await open([], { engine: { maxNumSeqs: 1, kvBlocks: 1000 } });
    const { id } = json(await createMessages(Array.from({ length: 50 }, (_, k) => message(k))));
    expect(json(await call(`${url}/messages/batches/${id}/cancel`)).processing_status).toBe('canceling');
    const { request_counts: counts } = await untilEnded(`/messages/batches/${id}`, hasEnded);
    expect(counts.succeeded + counts.canceled).toBe(50);
    expect(counts.canceled).toBeGreaterThan(0);
  });
});

it('a request of a client passes the requests of a batch that wait', async () => {
  // One at a time, 1 ms a step: the batch alone needs 500 steps.
  await open([], { engine: { maxNumSeqs: 1, kvBlocks: 1000 } });
  const content = Array.from({ length: 50 }, (_, k) => JSON.stringify(requestOf(k, { body: body(10) }))).join(
    '\n',
  );
  const { id } = await create(content);
  await untilEnded(`/batches/${id}`, ({ status }) => status === 'in_progress');
  const online = await call(`${url}/chat/completions`, { body: body(1) });
  const requestId = String(online.headers['x-request-id']);
  await untilEnded(`/batches/${id}`, isOver);
  const order = (await truth()).map((row) => String(row['id']));
  expect(order).toHaveLength(51);
  expect(order.indexOf(requestId)).toBeLessThan(50);
});

it('batches need the key', async () => {
  await open([], { apiKey: 'sk-secret' });
  expect((await upload(inputOf(1))).status).toBe(401);
  expect((await get('/batches')).status).toBe(401);
  expect(json(await get('/messages/batches'))).toMatchObject({
    type: 'error',
    error: { type: 'authentication_error' },
  });
});
