import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { encodeHeader } from '../../src/record/run-json.ts';
import { HEADER_FILE, SAMPLES_FILE } from '../../src/record/folder.ts';
import { encodeSample } from '../../src/record/samples-jsonl.ts';
import type { Bench } from '../bench.ts';
import { command, GOODPUT } from '../command.ts';
import type { SuiteResult } from '../report.ts';
import { figure } from '../rounds.ts';
import { syntheticHeader, syntheticSample } from '../synthetic.ts';

const TOKENS = 100;
const BATCH = 500;

/** Measures `goodput report` of a recorded run, and of its page with charts: time and memory by its size, and the size of the page. */
export async function analysis(bench: Bench): Promise<SuiteResult> {
  const sizes = bench.quick
    ? [1000, 10_000]
    : bench.large
      ? [1000, 10_000, 100_000, 1_000_000]
      : [1000, 10_000, 100_000];
  const rows: SuiteResult['rows'] = [];
  for (const requests of sizes) {
    const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
    try {
      bench.log(`writing ${requests} requests`);
      await writeRun(dir, requests);
      const rounds = requests > 100_000 ? 1 : Math.min(bench.rounds, 3);
      const runs = [];
      const pages = [];
      const page = join(dir, 'page.html');
      for (let round = 1; round <= rounds; round++) {
        bench.log(`round ${round} of ${rounds}: ${requests} requests`);
        const args = [GOODPUT, 'report', dir, '--slo', 'ttft<=300ms,tpot<=25ms'];
        runs.push(await command([...args, '--json'], 600));
        pages.push(await command([...args, '--json', '-o', page], 600));
      }
      rows.push({
        name: String(requests),
        what: `${requests.toLocaleString('en-US')} requests`,
        figures: {
          time: figure(
            'time',
            's',
            runs.map(({ wall_ms }) => wall_ms / 1000),
          ),
          cpu_per_request: figure(
            'CPU per request',
            'µs',
            runs.map(({ cpu_us }) => cpu_us / requests),
          ),
          rss: figure(
            'RSS, peak',
            'MB',
            runs.map(({ rss_peak_kb }) => rss_peak_kb / 1024),
          ),
          page_time: figure(
            'with page: time',
            's',
            pages.map(({ wall_ms }) => wall_ms / 1000),
          ),
          page_rss: figure(
            'RSS, peak',
            'MB',
            pages.map(({ rss_peak_kb }) => rss_peak_kb / 1024),
          ),
          page_size: figure('page', 'MB', [(await stat(page)).size / 1e6]),
        },
      });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
  return {
    suite: 'analysis',
    title: 'Analysis of a recorded run',
    how: `\`goodput report --json --slo …\` of a made-up run of ${TOKENS} tokens a request, in a process of its own; then the same with \`-o page.html\`.`,
    rows,
    skipped: bench.large ? [] : ['1,000,000 requests (--large)'],
  };
}

async function writeRun(dir: string, requests: number): Promise<void> {
  await pipeline(lines(requests), createWriteStream(join(dir, SAMPLES_FILE)));
  await writeFile(join(dir, HEADER_FILE), encodeHeader(syntheticHeader(requests)));
}

function* lines(requests: number): Generator<string> {
  for (let from = 0; from < requests; from += BATCH) {
    let text = '';
    for (let i = from; i < Math.min(requests, from + BATCH); i++)
      text += `${encodeSample(syntheticSample(i, TOKENS))}\n`;
    yield text;
  }
}
