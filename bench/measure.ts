import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built, native } from './build.ts';
import { finish, start } from './child.ts';
import { startServer } from './server.ts';
import type { Load } from './server.ts';
import { quantile } from './statistics.ts';

/** Resources that one client used for one load. */
interface Usage {
  events: number;
  cpu_us: number;
  rss_before_kb: number;
  rss_peak_kb: number;
  /** Share of the time in which it was ready to run while another process had its core. */
  waited: number;
}

interface StampError {
  p50_us: number;
  p99_us: number;
  /**
   * Excludes the first second (for a short load the first half), in which code is compiled and memory grows, and the
   * last event of each stream.
   */
  steady_p99_us: number;
  /** Number of stamps before their write, which indicate a wrong clock or count. */
  early: number;
}

type Measured = Usage & { error: StampError | null };

/** A client that takes longer is stuck. */
const LIMIT_S = 180;

/**
 * Runs one client against its own server, in C if possible.
 * @param variant of `reader-process.ts`, or `c`
 * @param stamped compare the client's instants with the server's; not every client has them
 */
export const measure = async (variant: string, load: Load, stamped: boolean): Promise<Measured> =>
  measureWith(await native('server'), variant, load, stamped);

/** @param program the server in C; `null` for Node's */
export async function measureWith(
  program: string | null,
  variant: string,
  load: Load,
  stamped: boolean,
): Promise<Measured> {
  const scratch = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
  const log = join(scratch, 'written');
  const stamps = join(scratch, 'stamps');
  try {
    const server = await startServer(load, stamped ? log : null, program);
    let usage: Usage;
    try {
      const child = start(await commandOf(variant, server.port, load, stamped ? stamps : null), 1);
      usage = JSON.parse(await finish(child, `the ${variant} client`, LIMIT_S)) as Usage;
    } finally {
      await server.close();
    }
    const expected = load.streams * load.events;
    if (usage.events !== expected)
      throw new Error(`the ${variant} client saw ${usage.events} events of ${expected}`);
    return { ...usage, error: stamped ? compare(await doubles(log), await doubles(stamps), load) : null };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function commandOf(
  variant: string,
  port: number,
  { streams, events }: Load,
  stamps: string | null,
): Promise<string[]> {
  if (variant === 'c') {
    const path = (await native('client'))!;
    return [path, ...[port, streams, events].map(String), ...(stamps === null ? [] : [stamps])];
  }
  const options = { variant, url: `http://127.0.0.1:${port}/v1`, streams, events };
  const args = Object.entries({ ...options, ...(stamps === null ? {} : { stamps }) });
  return [
    process.execPath,
    built('bench/reader-process.js'),
    ...args.map(([name, value]) => `--${name}=${value}`),
  ];
}

async function doubles(path: string): Promise<Float64Array> {
  const bytes = await readFile(path);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** goodput's stamps are whole microseconds, so rounding may cost half of one. */
const ROUNDING_US = 1;

function compare(written: Float64Array, seen: Float64Array, { events, rate }: Load): StampError {
  const errors = seen.map((at, k) => at - written[k]!);
  const ramp = Math.min(rate, Math.floor(events / 2));
  const steady = errors.filter((_, k) => k % events >= ramp && k % events < events - 1).sort();
  errors.sort();
  return {
    p50_us: quantile(errors, 0.5),
    p99_us: quantile(errors, 0.99),
    steady_p99_us: quantile(steady, 0.99),
    early: errors.filter((error) => error < -ROUNDING_US).length,
  };
}
