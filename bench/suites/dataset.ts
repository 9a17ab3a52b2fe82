import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../../src/random.ts';
import type { Bench } from '../bench.ts';
import { command, type CommandUsage, GOODPUT } from '../command.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved } from '../rounds.ts';

const VERBS: Record<string, readonly string[]> = {
  exact: ['dedupe', '--method', 'exact'],
  bloom: ['dedupe', '--method', 'bloom'],
  minhash: ['dedupe', '--method', 'minhash'],
  simhash: ['dedupe', '--method', 'simhash'],
  sentences: ['dedupe', '--level', 'sentence'],
  inspect: ['inspect'],
};

/** Measures `goodput data`: text per second and memory. */
export async function dataset(bench: Bench): Promise<SuiteResult> {
  const megabytes = bench.quick ? 20 : 200;
  const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
  try {
    const path = join(dir, 'texts.jsonl');
    bench.log(`writing ${megabytes} MB`);
    const written = await writeTexts(path, megabytes * 1e6);
    const runs = await interleaved(bench, Object.keys(VERBS), (name) =>
      command([GOODPUT, 'data', ...VERBS[name]!, path, '--json', '--quiet'], 600),
    );
    const rows = Object.keys(VERBS).map((name) =>
      row(name, `${name}, ${megabytes} MB`, written.text, runs.get(name)!),
    );
    if (bench.large) rows.push(await largeInspection(dir, bench));
    return {
      suite: 'dataset',
      title: 'Data sets',
      how: '`goodput data … --json` of JSON Lines with one prompt of about 330 words each (5% exact and 10% near duplicates), in a process of its own.',
      rows,
      skipped: bench.large ? [] : ['inspect of 1 M records, 2 GB (--large)'],
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function row(
  name: string,
  what: string,
  bytes: number,
  runs: readonly CommandUsage[],
): SuiteResult['rows'][number] {
  return {
    name,
    what,
    figures: {
      speed: figure(
        'text per s of CPU time',
        'MB/s',
        runs.map(({ cpu_us }) => bytes / cpu_us),
      ),
      time: figure(
        'time',
        's',
        runs.map(({ wall_ms }) => wall_ms / 1000),
      ),
      rss: figure(
        'RSS, peak',
        'MB',
        runs.map(({ rss_peak_kb }) => rss_peak_kb / 1024),
      ),
    },
  };
}

async function largeInspection(dir: string, bench: Bench): Promise<SuiteResult['rows'][number]> {
  const path = join(dir, 'large.jsonl');
  bench.log('writing 2 GB');
  const { text, records } = await writeTexts(path, 2e9);
  bench.log('inspect of 2 GB');
  const run = await command([GOODPUT, 'data', 'inspect', path, '--json', '--quiet'], 3600);
  return row('large', `inspect, ${records.toLocaleString('en-US')} records, 2 GB`, text, [run]);
}

/** Writes JSON Lines of this size, the same for every call; returns the bytes of text and the number of records. */
async function writeTexts(path: string, size: number): Promise<{ text: number; records: number }> {
  const random = randomStream(1, 'dataset bench');
  const words = Array.from({ length: 20_000 }, () => {
    const length = 2 + random.below(8);
    return Array.from({ length }, () => String.fromCodePoint(97 + random.below(26))).join('');
  });
  const earlier: string[] = [];
  const file = createWriteStream(path);
  let [bytes, text, records] = [0, 0, 0];
  while (bytes < size) {
    const drawn = random.uniform();
    const other = earlier[random.below(Math.max(1, earlier.length))];
    const fresh = (): string =>
      `${Array.from({ length: 260 + random.below(140) }, () => words[random.below(words.length)]!).join(' ')}.`;
    const prompt =
      other === undefined || drawn > 0.15 ? fresh() : drawn > 0.05 ? other.replace(' ', ' another ') : other;
    earlier[records % 1000] = prompt;
    const line = `${JSON.stringify({ prompt, max_tokens: 128 })}\n`;
    records++;
    text += prompt.length;
    bytes += line.length;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return { text, records };
}
