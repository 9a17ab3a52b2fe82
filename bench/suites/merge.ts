import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HEADER_FILE, SAMPLES_FILE, SUMMARY_FILE } from '../../src/record/folder.ts';
import { encodeHeader } from '../../src/record/run-json.ts';
import { encodeSample } from '../../src/record/samples-jsonl.ts';
import type { Bench } from '../bench.ts';
import { command, type CommandUsage, GOODPUT } from '../command.ts';
import type { SuiteResult } from '../report.ts';
import { figure } from '../rounds.ts';
import { syntheticHeader, syntheticSample } from '../synthetic.ts';

const RANKS = 4;
const TOKENS = 20;
const BATCH = 500;
const LIMIT_S = 3600;

/** Measures `goodput merge` of the runs of four ranks, and `goodput report` of the merged run: time, their ratio, and memory. */
export async function merge(bench: Bench): Promise<SuiteResult> {
  const sizes = bench.quick
    ? [20_000, 100_000]
    : bench.large
      ? [1_000_000, 10_000_000]
      : [100_000, 1_000_000];
  const rows: SuiteResult['rows'] = [];
  for (const requests of sizes) {
    const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
    try {
      bench.log(`writing ${requests} requests`);
      for (let rank = 0; rank < RANKS; rank++) await writeRank(join(dir, `rank-${rank}`), rank, requests);
      const merges: CommandUsage[] = [];
      const reports: CommandUsage[] = [];
      for (let round = 1; round <= (requests > 100_000 ? 1 : Math.min(bench.rounds, 3)); round++) {
        bench.log(`round ${round}: ${requests} requests`);
        merges.push(await command([GOODPUT, 'merge', dir, '--json'], LIMIT_S));
        reports.push(await command([GOODPUT, 'report', join(dir, 'merged'), '--json'], LIMIT_S));
      }
      const seconds = (runs: readonly CommandUsage[]): number[] => runs.map(({ wall_ms }) => wall_ms / 1000);
      const megabytes = (runs: readonly CommandUsage[]): number[] =>
        runs.map(({ rss_peak_kb }) => rss_peak_kb / 1024);
      rows.push({
        name: String(requests),
        what: `${requests.toLocaleString('en-US')} requests`,
        figures: {
          merge: figure('merge', 's', seconds(merges)),
          report: figure('report', 's', seconds(reports)),
          ratio: figure(
            'merge ÷ report',
            '',
            seconds(merges).map((each, k) => each / seconds(reports)[k]!),
          ),
          cpu_ratio: figure(
            'the same of CPU time',
            '',
            merges.map(({ cpu_us }, k) => cpu_us / reports[k]!.cpu_us),
          ),
          merge_rss: figure('RSS of merge, peak', 'MB', megabytes(merges)),
          report_rss: figure('of report', 'MB', megabytes(reports)),
        },
      });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
  return {
    suite: 'merge',
    title: 'Merge of ranks',
    how: `\`goodput merge\` of ${RANKS} made-up ranks with ${TOKENS} tokens a request, its report included; then \`goodput report\` of the result, each in a process of its own.`,
    rows,
    skipped: bench.large ? [] : ['10,000,000 requests (--large)'],
  };
}

async function writeRank(dir: string, index: number, requests: number): Promise<void> {
  await mkdir(dir);
  const header = syntheticHeader(requests);
  const rank = { index, of: RANKS, planned: null, start: null };
  await pipeline(lines(index, requests), createWriteStream(join(dir, SAMPLES_FILE)));
  const own = { ...header, id: `rank ${index}`, planned: requests / RANKS, rank };
  await writeFile(join(dir, HEADER_FILE), encodeHeader(own));
  // A rank has its audit.
  const summary = { run: { id: own.id }, audit: { status: 'valid', reasons: [] } };
  await writeFile(join(dir, SUMMARY_FILE), JSON.stringify(summary));
}

/** Yields the lines of a rank, those of a batch in reverse order: requests end in another order than that of the plan. */
function* lines(index: number, requests: number): Generator<string> {
  const own = requests / RANKS;
  for (let from = 0; from < own; from += BATCH) {
    let text = '';
    for (let k = Math.min(own, from + BATCH) - 1; k >= from; k--)
      text += `${encodeSample(syntheticSample(index + RANKS * k, TOKENS))}\n`;
    yield text;
  }
}
