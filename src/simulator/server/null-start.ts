import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { GoodputError } from '../../errors.ts';

/** Starts the null endpoint in its own process, so that its work does not count as the client's. */
export async function startNullEndpoint(): Promise<{ url: string; close(): Promise<void> }> {
  const entry = new URL(`./null-process${extname(import.meta.url)}`, import.meta.url);
  const child = fork(entry, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => {
      if (typeof message === 'string') resolve(message);
    });
    child.once('error', reject);
    void exited.then(() => reject(new GoodputError('worker', 'the null endpoint did not start')));
  });
  return {
    url,
    async close() {
      child.kill();
      await exited;
    },
  };
}
