import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientOptions, Exchange, Timeouts } from '../../src/client/client.ts';
import { openClient } from '../../src/client/open-client.ts';

const GENEROUS: Timeouts = {
  connect: 20_000,
  headers: 20_000,
  firstToken: 20_000,
  idle: 20_000,
  total: 25_000,
};

export function clientOf(
  url: string,
  options: Partial<Omit<ClientOptions, 'timeouts'>> & { timeouts?: Partial<Timeouts> } = {},
): Client {
  return openClient({
    url,
    api: 'chat',
    apiKey: null,
    headers: {},
    keepText: true,
    now: () => performance.now() * 1000,
    ...options,
    timeouts: { ...GENEROUS, ...options.timeouts },
  });
}

const BODY = Buffer.from('{"model":"m","stream":true}');

/** Long enough to establish that the server keeps a freed connection. */
export async function proven(): Promise<void> {
  await sleep(60);
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}

export const ask = (client: Client): Promise<Exchange> => client.send(BODY).done;

/** Sends one request with its own client. */
export async function askOnce(url: string, options: Parameters<typeof clientOf>[1] = {}): Promise<Exchange> {
  const client = clientOf(url, options);
  try {
    return await ask(client);
  } finally {
    await client.close();
  }
}

export const delta = (content: string, finish: string | null = null): object => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});
