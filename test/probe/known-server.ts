import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

type Body = Record<string, unknown> & { stream_options?: Record<string, unknown> };

/** Properties of this server that `goodput probe` has to find out. */
export interface Habits {
  owner?: string;
  models?: string[];
  context?: number;
  /** Paths below /v1 that generate, besides /chat/completions. */
  paths?: string[];
  key?: string;
  /** How far its clock is ahead. */
  ahead_ms?: number;
  /** `real`: every event by itself; `once`: all at the end; `bursts`: eight at a time. */
  streaming?: 'real' | 'once' | 'bursts';
  /** Tokens in an event. */
  each?: number;
  tokenIds?: boolean;
  /** Its usage comes beside a choice with an empty delta, after the finish reason: LiteLLM. */
  usageWithChoice?: boolean;
  /** Tokens that it sends whatever the limit; more or fewer. */
  length?: number;
  /** Choices that it sends where one was asked for. */
  choices?: number;
  /** Knows prompts that it has seen, and prefills others. */
  cache?: boolean;
  /** Longest prompt in words. */
  longest?: number;
  /** Fields of a body that it refuses. */
  refuses?: string[];
  headers?: Record<string, string>;
  /** With TLS, and also by HTTP/2. */
  tls?: { cert: string; key: string; http2: boolean };
}

export interface KnownServer {
  url: string;
  bodies: Body[];
  paths: string[];
  close(): void;
}

/** A prompt that is not in the cache waits this long: far more than any stall of this machine is likely to make up for. */
const PREFILL_MS = 250;
const GAP_MS = 10;

export async function knownServer(habits: Habits): Promise<KnownServer> {
  const bodies: Body[] = [];
  const paths: string[] = [];
  const seen = new Set<string>();
  const listener: RequestListener = (request, response) => {
    paths.push(`${request.method} ${request.url}`);
    void answer(request, response, { habits, bodies, seen });
  };
  const { tls } = habits;
  const server =
    tls === undefined
      ? createServer(listener)
      : tls.http2
        ? createSecureServer({ cert: tls.cert, key: tls.key, allowHTTP1: true }, listener as never)
        : createTlsServer({ cert: tls.cert, key: tls.key }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: tls === undefined ? `http://127.0.0.1:${port}/v1` : `https://localhost:${port}/v1`,
    bodies,
    paths,
    close: () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { habits, bodies, seen }: { habits: Habits; bodies: Body[]; seen: Set<string> },
): Promise<void> {
  const path = new URL(request.url!, 'http://here').pathname.replace(/^\/v1/, '');
  for (const [name, value] of Object.entries(habits.headers ?? {})) response.setHeader(name, value);
  if (habits.ahead_ms !== undefined) {
    response.setHeader('date', new Date(Date.now() + habits.ahead_ms).toUTCString());
  }
  const refuse = (status: number, message: string): void =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { message } }));
  if (request.method === 'HEAD') return void response.writeHead(405).end();
  if (habits.key !== undefined && request.headers.authorization !== `Bearer ${habits.key}`) {
    return refuse(401, `Incorrect API key provided: ${request.headers.authorization ?? 'none'}`);
  }
  if (path === '/models') {
    const { models = ['m'], owner = 'nobody', context } = habits;
    const data = models.map((id) => ({
      id,
      owned_by: owner,
      // Left out of the JSON where it is undefined.
      max_model_len: context,
    }));
    return void response.writeHead(200).end(JSON.stringify({ data }));
  }
  if (!['/chat/completions', ...(habits.paths ?? [])].includes(path)) return refuse(404, 'Not Found');
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += String(part);
  const body = JSON.parse(text) as Body;
  bodies.push(body);
  const refused = habits.refuses?.find((key) => key in body);
  if (refused !== undefined) return refuse(400, `Unrecognized request argument supplied: ${refused}`);
  const prompt = JSON.stringify(body['messages'] ?? body['prompt']);
  const words = prompt.split(' ').length;
  if (words > (habits.longest ?? Infinity))
    return refuse(400, "This model's maximum context length is exceeded");
  const isCached = seen.has(prompt);
  if (habits.cache === true) {
    seen.add(prompt);
    if (!isCached) await sleep(PREFILL_MS);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  const events = eventsOf(body, path, {
    habits,
    words,
    cached: isCached && habits.cache === true ? words : 0,
  });
  const lines = events.map((event) => `data: ${JSON.stringify(event)}\n\n`);
  const size = { real: 1, bursts: 8, once: lines.length }[habits.streaming ?? 'real'];
  for (let k = 0; k < lines.length; k += size) {
    await sleep(GAP_MS * size);
    response.write(lines.slice(k, k + size).join(''));
  }
  response.end('data: [DONE]\n\n');
}

function eventsOf(
  body: Body,
  path: string,
  { habits, words, cached }: { habits: Habits; words: number; cached: number },
): object[] {
  const { each = 1, tokenIds } = habits;
  const asked = Number(body['max_tokens'] ?? body['max_completion_tokens']);
  const limit = habits.length ?? asked;
  const events: object[] = [];
  for (let sent = 0; sent < limit; sent += each) {
    const ids = tokenIds === true && body['return_token_ids'] === true;
    const count = Math.min(each, limit - sent);
    const said = path === '/completions' ? { text: 'ab' } : { delta: { content: 'ab' } };
    events.push({
      choices: [
        { index: 0, ...said, finish_reason: null, ...(ids ? { token_ids: Array(count).fill(7) } : {}) },
      ],
    });
  }
  const finish_reason = limit === asked ? 'length' : 'stop';
  events.push({ choices: [{ index: 0, delta: {}, text: '', finish_reason }] });
  for (let index = 1; index < (habits.choices ?? 1); index++) {
    events.push({ choices: [{ index, delta: { content: 'ab' }, text: 'ab', finish_reason }] });
  }
  if (body.stream_options?.['include_usage'] === true) {
    events.push({
      choices: habits.usageWithChoice === true ? [{ index: 0, delta: {} }] : [],
      usage: {
        prompt_tokens: words,
        completion_tokens: limit,
        ...(habits.cache === true ? { prompt_tokens_details: { cached_tokens: cached } } : {}),
      },
    });
  }
  return events;
}
