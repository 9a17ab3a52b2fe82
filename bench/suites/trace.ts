import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../../src/random.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import type { Bench } from '../bench.ts';
import { built } from '../build.ts';
import { command, type CommandUsage, GOODPUT } from '../command.ts';
import { costFigures, loadCost, WARMUP_S } from '../load-cost.ts';
import type { SuiteResult } from '../report.ts';
import { figure, interleaved } from '../rounds.ts';

interface Started {
  read_s: number;
  plan_s: number;
  sessions: number;
}

/** Measures how long a long trace takes until its first request, what its load costs, and with `--trace` what a cache without limits reuses of real ones. */
export async function trace(bench: Bench): Promise<SuiteResult> {
  const requests = bench.quick ? 100_000 : 1_000_000;
  const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
  try {
    const files: Record<string, string> = {
      lengths: join(dir, 'lengths.csv'),
      blocks: join(dir, 'blocks.jsonl'),
    };
    bench.log(`writing two traces of ${requests} requests`);
    await writeLines(files['lengths']!, lengthLines(requests));
    await writeLines(files['blocks']!, blockLines(requests));
    const runs = await interleaved(bench, Object.keys(files), (name) =>
      command([built('bench/trace-process.js'), files[name]!], 120),
    );
    const rows = [
      startRow('lengths', `azure-llm, ${requests.toLocaleString('en-US')} requests`, runs.get('lengths')!),
      startRow('blocks', 'mooncake, the same with 24 ids each on average', runs.get('blocks')!),
    ];
    rows.push(...(await loadRows(dir, bench)));
    for (const path of bench.traces) rows.push(await replayRow(path, dir, bench));
    return {
      suite: 'trace',
      title: 'Traces',
      how: 'A generated trace, read, planned (instants, order) and passed to a worker, until the text of the first request, in a process of its own. `goodput run` of a trace against a server that answers at once, compared with a synthetic load of the same rate, lengths and answers. Real traces (`--trace FILE`): `goodput simulate` of all of it, with a cache that never evicts.',
      rows,
      skipped: bench.traces.length > 0 ? [] : ['replay of real traces (--trace FILE)'],
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function startRow(name: string, what: string, runs: readonly CommandUsage[]): SuiteResult['rows'][number] {
  const started = runs.map(({ stdout }) => JSON.parse(stdout) as Started);
  const of = (value: (run: Started) => number): number[] => started.map(value);
  return {
    name,
    what,
    figures: {
      start: figure(
        'to the first request',
        's',
        of(({ read_s, plan_s }) => read_s + plan_s),
      ),
      plan: figure(
        'of this, plan',
        's',
        of(({ plan_s }) => plan_s),
      ),
      rss: figure(
        'RSS, peak',
        'MB',
        runs.map(({ rss_peak_kb }) => rss_peak_kb / 1024),
      ),
    },
  };
}

const LOAD = { rate: 500, input: 200, output: 10, blockTokens: 16 };

/** Measures what the load of a trace costs, with and without `hash_ids`, compared with a synthetic one. */
async function loadRows(dir: string, bench: Bench): Promise<SuiteResult['rows']> {
  const { rate, input, output, blockTokens } = LOAD;
  const seconds = bench.quick ? 4 : 15;
  const data = (name: string): string =>
    `workload: { data: { file: ${join(dir, `${name}.jsonl`)}, blockTokens: ${blockTokens} } }, load: { arrivals: trace }`;
  const scenarios: Record<string, string> = {
    'synthetic load': `{ workload: { input: ${input}, output: ${output} }, load: { rate: ${rate} } }`,
    'load by lengths': `{ ${data('load-lengths')} }`,
    'load by ids': `{ ${data('load-ids')} }`,
  };
  await writeLines(join(dir, 'load-lengths.jsonl'), loadLines(seconds, false));
  await writeLines(join(dir, 'load-ids.jsonl'), loadLines(seconds, true));
  const costs = await interleaved(bench, Object.keys(scenarios), (name) =>
    loadCost(output, scenarios[name]!, name === 'synthetic load' ? seconds : null),
  );
  const base = costs.get('synthetic load')!;
  return Object.keys(scenarios).map((name) => ({
    name,
    what: `${name}: ${rate}/s, ${input} in, ${output} out`,
    figures: costFigures(costs.get(name)!, base, 'synthetic load'),
  }));
}

/** Poisson arrivals; with ids, each request shares half of its blocks with another. */
function* loadLines(seconds: number, hasIds: boolean): Generator<string> {
  const random = randomStream(3, 'trace bench');
  const { rate, input, output, blockTokens } = LOAD;
  const blocks = Math.ceil(input / blockTokens);
  for (
    let at_ms = 0, id = 0;
    at_ms < (WARMUP_S + seconds) * 1000;
    at_ms += (1000 / rate) * random.exponential()
  ) {
    const shared = random.below(100) * blocks;
    const hash_ids = Array.from({ length: blocks }, (_, k) => (k < blocks / 2 ? shared + k : 10_000 + id++));
    yield JSON.stringify({
      timestamp: at_ms,
      input_length: input,
      output_length: output,
      ...(hasIds ? { hash_ids } : {}),
    });
  }
}

/** An engine that is never full and never slow: what is not reused was not reusable. */
const WITHOUT_LIMITS = `
endpoint: simulated
simulator:
  engine: { kvBlocks: 10000000, maxNumSeqs: 100000, maxBatchedTokens: 10000000 }
  cost: { kind: linear, base: 1000, prefillToken: 0, decodeSequence: 0, contextToken: 0, prefillPair: 0 }
load: { arrivals: trace, warmup: 0s }
`;

async function replayRow(path: string, dir: string, bench: Bench): Promise<SuiteResult['rows'][number]> {
  bench.log(`replay of ${path}`);
  const [scenario, out] = [join(dir, 'replay.yaml'), join(dir, 'run')];
  await writeFile(scenario, WITHOUT_LIMITS);
  const args = ['simulate', scenario, '--data', path, '--out', out, '--json', '--quiet'];
  const run = await command([GOODPUT, ...args], 600);
  const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as Summary;
  await rm(out, { recursive: true });
  const { reuse, counts } = summary;
  const percent = (value: number | null | undefined): number[] => [(value ?? 0) * 100];
  return {
    name: 'replay',
    what: `${path}, ${counts.ok.toLocaleString('en-US')} requests`,
    figures: {
      planned: figure('reusable, planned', '%', percent(reuse?.planned)),
      counted: figure('cached, counted', '%', percent(reuse?.counted)),
      time: figure('time', 's', [run.wall_ms / 1000]),
    },
  };
}

async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(path);
  for (const line of lines) if (!file.write(`${line}\n`)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}

/** Poisson arrivals at 20/s, lengths uniform. */
function* lengthLines(requests: number): Generator<string> {
  const random = randomStream(1, 'trace bench');
  yield 'TIMESTAMP,ContextTokens,GeneratedTokens';
  for (let i = 0, at_ms = Date.UTC(2025, 0, 1); i < requests; i++) {
    at_ms += 50 * random.exponential();
    const time = new Date(at_ms).toISOString().replace('T', ' ').replace('Z', '');
    yield `${time},${1 + random.below(24_000)},${1 + random.below(500)}`;
  }
}

/** The same; half of the requests continue one of 10,000 prompts. */
function* blockLines(requests: number): Generator<string> {
  const random = randomStream(2, 'trace bench');
  const kept: number[][] = [];
  for (let i = 0, id = 0, at_ms = 0; i < requests; i++) {
    at_ms += 50 * random.exponential();
    const earlier = random.below(2) === 0 ? kept[random.below(kept.length)] : undefined;
    const ids = (earlier ?? []).slice(0, random.below(48));
    const blocks = Math.max(ids.length + 1, 1 + random.below(48));
    while (ids.length < blocks) ids.push(id++);
    kept[i % 10_000] = ids;
    yield JSON.stringify({
      timestamp: Math.round(at_ms),
      input_length: blocks * 512 - random.below(512),
      output_length: 1 + random.below(500),
      hash_ids: ids,
    });
  }
}
