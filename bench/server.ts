import { once } from 'node:events';
import { built } from './build.ts';
import { finish, start } from './child.ts';

export interface Load {
  mode: 'flood' | 'paced' | 'answer';
  streams: number;
  /** Output events of each stream. */
  events: number;
  /** Paced: events per second per stream. */
  rate: number;
  /** Paced: 0 for independent phases, else the number of groups whose streams are written back to back. */
  groups: number;
}

export interface LoadServer {
  port: number;
  /** Stops it, which writes the log of a paced server. */
  close(): Promise<void>;
}

/**
 * Starts a load server.
 * @param log file for the write instants of a paced server
 * @param program the server in C; `null` for Node's
 */
export async function startServer(
  load: Load,
  log: string | null,
  program: string | null,
): Promise<LoadServer> {
  const command = program === null ? [process.execPath, built('bench/server-process.js')] : [program];
  const { mode, streams, events, rate, groups } = load;
  const args = [mode, streams, events, rate, groups, ...(log === null ? [] : [log])].map(String);
  const child = start([...command, ...args], 0);
  const ended = finish(child, `the ${mode} server`, 3600);
  const [first] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [string];
  return {
    port: Number(first),
    async close() {
      child.stdin!.end();
      await ended;
    },
  };
}
