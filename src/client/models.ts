import { Client } from 'undici';
import { apiNamed } from './api/api.ts';
import type { ClientOptions } from './client.ts';
import { connector } from './connection/dial.ts';
import { readDocument, TooLongError } from './http/document.ts';
import { asArray, asCount, asObject } from './http/json.ts';
import { HTTP2_ERROR, isDefect } from './http/failures.ts';
import { DIRECT, forwarded } from './connection/route.ts';
import { redactJson, redactor } from './connection/secrets.ts';

/** What `GET /models` told. */
export interface ModelList {
  models: string[];
  /** The first of them as the server wrote it, to be asked for: a short key may be a part of its name. */
  first: string | null;
  /** Who the models say that they belong to: self-hosted servers put their own name there. */
  owners: string[];
  /** Context of the first model in tokens, by whatever name the server has for it; `null` where it does not say. */
  context: number | null;
  /** The `server` response header. */
  server: string | null;
  /** Why there is no list; `null` where there is one. */
  problem: string | null;
}

const NO_MODELS = { models: [] as string[], first: null, owners: [] as string[], context: null };

const LIMIT_BYTES = 1_000_000;

/**
 * Asks an endpoint for its models, over a connection of its own; never throws, follows no redirect.
 */
export async function listModels(
  endpoint: Pick<ClientOptions, 'url' | 'api' | 'apiKey' | 'headers' | 'body' | 'secrets' | 'route'>,
  timeoutMs: number,
): Promise<ModelList> {
  const { url, api, apiKey, headers, route = DIRECT } = endpoint;
  const base = new URL(url);
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/models`;
  const { before, headers: forProxy } = forwarded(base, route);
  // A server or a proxy may repeat what it was sent.
  const redact = redactor({ ...endpoint, query: base.searchParams });
  const { connect, close } = connector(route);
  const client = new Client(base.origin, {
    connect,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    allowH2: route.http2,
  });
  try {
    const response = await client.request({
      method: 'GET',
      path: before + base.pathname + base.search,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        ...apiNamed(api).headers(apiKey),
        ...headers,
        ...forProxy,
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const server = response.headers['server'];
    const said = { ...NO_MODELS, server: typeof server === 'string' ? redact(server) : null };
    if (response.statusCode !== 200) return { ...said, problem: `HTTP ${response.statusCode}` };
    try {
      const text = await readDocument(response.body, response.headers, LIMIT_BYTES);
      const list = listed(text);
      return { ...redactJson({ ...said, ...list, problem: null }, redact), first: list.models[0] ?? null };
    } catch (error) {
      return { ...said, problem: redact(reasonOf(error)) };
    }
  } catch (error) {
    return { ...NO_MODELS, server: null, problem: redact(reasonOf(error)) };
  } finally {
    await client.destroy();
    close();
  }
}

function listed(text: string): Pick<ModelList, 'models' | 'owners' | 'context'> {
  const entries = asArray(asObject(JSON.parse(text))?.['data']).map((entry) => asObject(entry) ?? {});
  const texts = (key: string): string[] =>
    entries
      .map((entry) => entry[key])
      .filter((value) => typeof value === 'string' && value !== '') as string[];
  const [first = {}] = entries;
  return {
    models: texts('id'),
    owners: [...new Set(texts('owned_by'))],
    // vLLM and SGLang; OpenRouter, Together; Groq; Mistral. (llama.cpp tells what the model was trained for, not what it serves.)
    context:
      asCount(first['max_model_len']) ??
      asCount(first['context_length']) ??
      asCount(first['context_window']) ??
      asCount(first['max_context_length']),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'the response is not JSON';
  if (error instanceof TooLongError) return `the response is longer than ${LIMIT_BYTES / 1e6} MB`;
  const { code, message, name } = error as NodeJS.ErrnoException;
  // What undici asserts of a response, a server can break; the other errors of a program are goodput's own.
  if (code === 'ERR_ASSERTION') return 'the response breaks HTTP';
  if (isDefect(error as Error)) throw error;
  if (name === 'TimeoutError') return 'no answer in time';
  if (code === HTTP2_ERROR) return 'the server does not answer in HTTP/2';
  if (code === 'UND_ERR_SOCKET') return 'the other side closed the connection';
  return code ?? message;
}
