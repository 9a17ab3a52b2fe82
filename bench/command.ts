import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { built } from './build.ts';
import { finish, start } from './child.ts';

export interface CommandUsage {
  cpu_us: number;
  rss_peak_kb: number;
  wall_ms: number;
  /** Four samples per second. */
  rss: { epoch_ms: number; kb: number }[];
  stdout: string;
}

/** Compiled entry of goodput. */
export const GOODPUT = built('src/bin.js');

/**
 * Runs a Node program in its own process, on any core.
 * @param exits exit codes that count as success
 */
export async function command(
  args: readonly string[],
  limit_s: number,
  exits: readonly number[] = [0],
): Promise<CommandUsage> {
  const scratch = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
  const path = join(scratch, 'usage.json');
  try {
    const preload = ['--import', pathToFileURL(built('bench/exit-usage.js')).href];
    const child = start([process.execPath, ...preload, ...args], null, { BENCH_USAGE: path });
    const stdout = await finish(child, args.slice(0, 4).join(' '), limit_s, exits);
    return { ...(JSON.parse(await readFile(path, 'utf8')) as Omit<CommandUsage, 'stdout'>), stdout };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
