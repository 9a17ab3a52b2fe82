import { type Stream, Writable } from 'node:stream';
import type { Io } from '../../src/cli/console/io.ts';

/** An `Io` that keeps what is printed. */
export function fakeConsole(env: Record<string, string> = {}): Io & { out: () => string; err: () => string } {
  const kept = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof kept): NodeJS.WriteStream => {
    const sink: Stream = new Writable({
      decodeStrings: false,
      write(text, _, done) {
        kept[name] += String(text);
        done();
      },
    });
    // The commands use only those properties of a terminal that a pipe has too.
    return sink as NodeJS.WriteStream;
  };
  return {
    env,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    out: () => kept.stdout,
    err: () => kept.stderr,
  };
}
