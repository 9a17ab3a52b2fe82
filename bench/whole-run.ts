import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEADER_FILE } from '../src/record/folder.ts';
import type { RunHeader } from '../src/record/header.ts';
import type { Summary } from '../src/verdict/summary.ts';
import { native } from './build.ts';
import { command, GOODPUT } from './command.ts';
import type { CommandUsage } from './command.ts';
import { startServer } from './server.ts';
import type { Load } from './server.ts';

/** Result of `goodput run`, started like by a user, in one process. */
export interface WholeRun {
  used: CommandUsage;
  summary: Pick<Summary, 'counts' | 'audit' | 'metrics'>;
  /** Maximum memory before W closed; afterwards it creates its report. */
  rss_load_kb: number;
}

/**
 * Runs `goodput run` against its own server.
 * @param options flags by name; those without a value are `true`
 * @param scenario text of a scenario file
 * @throws if the run failed. An invalid run (98) is accepted: the caller decides whether that matters.
 */
export async function wholeRun(
  load: Load,
  options: Readonly<Record<string, string | number | true>>,
  limit_s: number,
  scenario: string | null = null,
): Promise<WholeRun> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
  const server = await startServer(load, null, await native('server'));
  try {
    const out = join(dir, 'run');
    const url = `http://127.0.0.1:${server.port}/v1`;
    const all: Record<string, string | number | true> = { url, out, ...options };
    const flags = Object.entries(all).flatMap(([name, value]) =>
      value === true ? [`--${name}`] : [`--${name}`, String(value)],
    );
    const file = join(dir, 'scenario.yaml');
    if (scenario !== null) await writeFile(file, scenario);
    const words = scenario === null ? flags : [file, ...flags];
    const used = await command([GOODPUT, 'run', '--quiet', '--json', ...words], limit_s, [0, 98]);
    const { origin, window } = JSON.parse(await readFile(join(out, HEADER_FILE), 'utf8')) as RunHeader;
    const closed_ms = origin.epoch_ms + window!.end_us / 1000;
    const load = used.rss.filter(({ epoch_ms }) => epoch_ms <= closed_ms).map(({ kb }) => kb);
    return { used, summary: JSON.parse(used.stdout) as Summary, rss_load_kb: Math.max(...load) };
  } finally {
    await server.close();
    await rm(dir, { recursive: true, force: true });
  }
}
