import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '../src/verdict/summary.ts';
import { native } from './build.ts';
import { command, GOODPUT } from './command.ts';
import type { CommandUsage } from './command.ts';
import { startServer } from './server.ts';
import type { Load } from './server.ts';

/** `goodput run` as a user starts it, in one process, and what it reported. */
export interface WholeRun {
  used: CommandUsage;
  summary: Pick<Summary, 'counts' | 'audit'>;
}

/**
 * One `goodput run` against a server of its own.
 * @param options flags by name; those without a value are `true`
 * @throws where it could not do its work. An invalid run (98) is one: whether it may be believed is asked by who needs to know.
 */
export async function wholeRun(
  load: Load,
  options: Readonly<Record<string, string | number | true>>,
  limit_s: number,
): Promise<WholeRun> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
  const server = await startServer(load, null, await native('server'));
  try {
    const all: Record<string, string | number | true> = {
      url: `http://127.0.0.1:${server.port}/v1`,
      out: join(dir, 'run'),
      ...options,
    };
    const flags = Object.entries(all).flatMap(([name, value]) =>
      value === true ? [`--${name}`] : [`--${name}`, String(value)],
    );
    const used = await command([GOODPUT, 'run', '--quiet', '--json', ...flags], limit_s, [0, 98]);
    return { used, summary: JSON.parse(used.stdout) as Summary };
  } finally {
    await server.close();
    await rm(dir, { recursive: true, force: true });
  }
}
