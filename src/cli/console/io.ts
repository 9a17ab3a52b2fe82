import { EXIT } from '../../errors.ts';

/** What a command may touch of the process: tests pass their own. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** The other end is gone: a pipe's reader, or the terminal itself. */
const GONE = new Set(['EPIPE', 'EIO']);

/**
 * A reader that went away (`goodput … | head -1`) is no error of ours: the run goes on, and what is left has nowhere to go.
 * Nor may stderr end a measurement, whatever happens to it (a log on a full disk). A result that cannot be written ends in
 * `failure`. Without a listener Node would end the process in the middle of a run.
 */
export function surviveClosedPipes(io: Pick<Io, 'stdout' | 'stderr'>): void {
  io.stderr.on('error', () => {});
  io.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (GONE.has(error.code ?? '')) return;
    io.stderr.write(`error: cannot write to stdout: ${error.message}\n`);
    process.exit(EXIT.failure);
  });
}
