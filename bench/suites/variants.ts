import { native } from '../build.ts';
import { haveOpenai } from '../openai-package.ts';

/** The clients, by their names in the tables. */
export const CLIENTS = {
  c: 'C, epoll and memchr',
  undici: 'undici, a handler that does nothing',
  scan: 'undici, stamp and byte scan',
  goodput: 'goodput',
  parse: 'undici, split and JSON.parse',
  fetch: 'fetch, TextDecoderStream, JSON.parse',
  openai: 'openai package',
} as const;

export type ClientName = keyof typeof CLIENTS;

/** Returns the available clients of `wanted`, and the reasons why others are not. */
export async function available(
  wanted: readonly ClientName[],
): Promise<{ names: ClientName[]; skipped: string[] }> {
  const names: ClientName[] = [];
  const skipped: string[] = [];
  for (const name of wanted) {
    const why =
      name === 'openai'
        ? await haveOpenai()
        : name === 'c' && (await native('client')) === null
          ? 'no C compiler, or no epoll'
          : null;
    if (why === null) names.push(name);
    else skipped.push(`${CLIENTS[name]}: ${why}`);
  }
  if ((await native('server')) === null) skipped.push('the server in C; Node’s takes its place');
  return { names, skipped };
}
