import { GoodputError } from '../../errors.ts';

/** Returns the error for a server that cannot listen, with a hint. */
export function listenError(error: Error & { code?: string }, host: string, port: number): GoodputError {
  const where = `${host}:${port}`;
  const hint =
    error.code === 'EADDRINUSE'
      ? 'Another program uses this port: choose another one with --port, or --port 0 for any free port.'
      : error.code === 'EACCES'
        ? 'Ports below 1024 need privileges: choose a higher one with --port.'
        : 'Set --host to an address of this machine.';
  return new GoodputError('usage', `cannot listen on ${where}: ${error.message}`, { hint, cause: error });
}
