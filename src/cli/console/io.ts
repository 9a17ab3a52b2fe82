import { EXIT } from '../../errors.ts';

/** The parts of the process that a command uses; tests pass their own. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** Error codes of a stream whose other end is closed: the reader of a pipe, or the terminal. */
const GONE = new Set(['EPIPE', 'EIO']);

/**
 * Keeps the process alive when the reader of its output goes away (`goodput … | head -1`): a run continues, and the rest of the output is
 * lost. An error of stderr never ends a measurement (a log on a full disk). A result that cannot be written ends the process with
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
