/** What a command may touch of the process: tests pass their own. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/**
 * A reader that went away (`goodput … | head -1`) is no error of ours: the run goes on, and what is left has nowhere to go.
 * Without a listener Node would end the process in the middle of a run.
 */
export function surviveClosedPipes(io: Pick<Io, 'stdout' | 'stderr'>): void {
  for (const stream of [io.stdout, io.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
