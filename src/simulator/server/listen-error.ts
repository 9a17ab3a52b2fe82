import { GoodputError } from '../../errors.ts';

/** Why a server cannot listen, and the way out. */
export function cannotListen(error: Error & { code?: string }, host: string, port: number): GoodputError {
  const where = `${host}:${port}`;
  const hint =
    error.code === 'EADDRINUSE'
      ? 'Another program listens there: --port 0 takes a port that is free.'
      : error.code === 'EACCES'
        ? 'Ports below 1024 are for the administrator: name a higher one by --port.'
        : 'Name an address of this machine by --host.';
  return new GoodputError('usage', `cannot listen at ${where}: ${error.message}`, { hint, cause: error });
}
