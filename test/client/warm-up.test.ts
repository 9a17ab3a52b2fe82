import { createServer, Server } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { warmUp } from '../../src/client/warm-up.ts';

afterEach(() => vi.restoreAllMocks());

test('leaves no server and no connection behind', async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));
  await warmUp();
  await vi.waitFor(() => {
    expect(process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))).toEqual(before);
  });
});

test('where no port can be opened, nothing is lost', async () => {
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function listen(
    this: ReturnType<typeof createServer>,
  ) {
    queueMicrotask(() => this.emit('error', new Error('no port')));
    return this;
  });
  await expect(warmUp()).resolves.toBeUndefined();
});
