import { GoodputError } from '../../errors.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';

const HINTS = new Map(
  Object.entries({
    EADDRINUSE: '--port 0 picks a free port.',
    EACCES: 'Ports below 1024 need administrator rights: choose a higher one with --port.',
  }),
);

/** Returns the error of a server that cannot listen on an address. */
export function listenError(error: Error, host: string, port: number): GoodputError {
  const hint = HINTS.get(codeOf(error) ?? '') ?? 'Choose an address of this machine with --host.';
  return new GoodputError('usage', `cannot listen on ${host}:${port}: ${reasonOf(error)}`, {
    hint,
    cause: error,
  });
}
