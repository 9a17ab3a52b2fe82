import { Client } from 'undici';
import { apiNamed } from './api.ts';
import type { ClientOptions } from './client.ts';

/** What `GET /models` told. */
export interface ModelList {
  models: string[];
  /** The `server` response header. */
  server: string | null;
  /** Why there is no list; `null` where there is one. */
  problem: string | null;
}

const LIMIT_BYTES = 1_000_000;

/**
 * Asks an endpoint for its models, over a connection of its own; never throws, follows no redirect.
 */
export async function listModels(
  { url, api, apiKey, headers }: Pick<ClientOptions, 'url' | 'api' | 'apiKey' | 'headers'>,
  timeoutMs: number,
): Promise<ModelList> {
  const base = new URL(`${url}/models`);
  const client = new Client(base.origin, {
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  try {
    const response = await client.request({
      method: 'GET',
      path: base.pathname + base.search,
      headers: {
        accept: 'application/json',
        ...apiNamed(api).headers(apiKey),
        ...headers,
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const server = response.headers['server'];
    const said = { models: [] as string[], server: typeof server === 'string' ? server : null };
    let text = '';
    response.body.setEncoding('utf8');
    for await (const chunk of response.body) {
      text += String(chunk);
      if (text.length > LIMIT_BYTES) return { ...said, problem: 'the list of models is too long' };
    }
    if (response.statusCode !== 200) return { ...said, problem: `HTTP ${response.statusCode}` };
    return { ...said, models: idsOf(text), problem: null };
  } catch (error) {
    return { models: [], server: null, problem: reasonOf(error) };
  } finally {
    await client.destroy();
  }
}

function idsOf(text: string): string[] {
  const data = (JSON.parse(text) as { data?: unknown }).data;
  if (!Array.isArray(data)) return [];
  return data.map((entry) => (entry as { id?: unknown } | null)?.id).filter((id) => typeof id === 'string');
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'the answer is no JSON';
  const { code, message, name } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return 'no answer in time';
  return code ?? message;
}
