import { HttpClient } from './connection/http-client.ts';
import { apiNamed } from './api/apis.ts';
import type { ClientOptions } from './client.ts';
import { connector } from './connection/dial.ts';
import { readBodyText, BodyTooLongError } from './http/body-text.ts';
import { asArray, asCount, asObject } from './http/json-values.ts';
import { HTTP2_ERROR, isDefect } from './http/failures.ts';
import { DIRECT, proxyParts } from './connection/network-route.ts';
import { redactJson, redactor } from './connection/secret-redactor.ts';

export interface ModelList {
  models: string[];
  /** The first model as the server wrote it, for use in requests: redaction would damage a name that contains a short key. */
  first: string | null;
  /** Owners of the models: self-hosted servers put their own name here. */
  owners: string[];
  /** Context length of the first model in tokens, under whichever name the server reports it; `null` if it does not. */
  context: number | null;
  server: string | null;
  problem: string | null;
}

const NO_MODELS = { models: [] as string[], first: null, owners: [] as string[], context: null };

const LIMIT_BYTES = 1_000_000;

/** Requests the list of models over a separate connection. Never throws because of the endpoint, and follows no redirect. */
export async function listModels(
  endpoint: Pick<ClientOptions, 'url' | 'api' | 'apiKey' | 'headers' | 'body' | 'secrets' | 'route'>,
  timeoutMs: number,
): Promise<ModelList> {
  const { url, api, apiKey, headers, route = DIRECT } = endpoint;
  const base = new URL(url);
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/models`;
  const { pathPrefix, headers: forProxy } = proxyParts(base, route);
  // A server or a proxy may repeat what it received.
  const redact = redactor({ ...endpoint, query: base.searchParams });
  const { connect, close } = connector(route);
  const client = new HttpClient(base.origin, {
    connect,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    allowH2: route.http2,
  });
  try {
    const response = await client.request({
      method: 'GET',
      path: pathPrefix + base.pathname + base.search,
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
    const basics = { ...NO_MODELS, server: typeof server === 'string' ? redact(server) : null };
    if (response.statusCode !== 200) return { ...basics, problem: `HTTP ${response.statusCode}` };
    try {
      const text = await readBodyText(response.body, response.headers, LIMIT_BYTES);
      const list = parseModels(text);
      return { ...redactJson({ ...basics, ...list, problem: null }, redact), first: list.models[0] ?? null };
    } catch (error) {
      return { ...basics, problem: redact(reasonOf(error)) };
    }
  } catch (error) {
    return { ...NO_MODELS, server: null, problem: redact(reasonOf(error)) };
  } finally {
    await client.destroy();
    close();
  }
}

function parseModels(text: string): Pick<ModelList, 'models' | 'owners' | 'context'> {
  const entries = asArray(asObject(JSON.parse(text))?.['data']).map((entry) => asObject(entry) ?? {});
  const texts = (key: string): string[] =>
    entries
      .map((entry) => entry[key])
      .filter((value) => typeof value === 'string' && value !== '') as string[];
  const [first = {}] = entries;
  return {
    models: texts('id'),
    owners: [...new Set(texts('owned_by'))],
    // vLLM and SGLang; OpenRouter, Together; Groq; Mistral. (llama.cpp reports the training context, not the served one.)
    context:
      asCount(first['max_model_len']) ??
      asCount(first['context_length']) ??
      asCount(first['context_window']) ??
      asCount(first['max_context_length']),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'the response is not JSON';
  if (error instanceof BodyTooLongError) return `the response is longer than ${LIMIT_BYTES / 1e6} MB`;
  const { code, message, name } = error as NodeJS.ErrnoException;
  // A response can violate what undici asserts; other programming errors are goodput's own.
  if (code === 'ERR_ASSERTION') return 'the response breaks HTTP';
  if (isDefect(error as Error)) throw error;
  if (name === 'TimeoutError') return 'no response in time';
  if (code === HTTP2_ERROR) return 'the server does not answer in HTTP/2';
  if (code === 'UND_ERR_SOCKET') return 'the other side closed the connection';
  return code ?? message;
}
