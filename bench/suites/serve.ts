import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TruthAudit } from '../../src/analysis/truth-audit.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import type { Bench } from '../bench.ts';
import { built } from '../build.ts';
import { finish, PINNED, start } from '../child.ts';
import { GOODPUT } from '../command.ts';
import type { SuiteResult } from '../report.ts';
import { figure } from '../rounds.ts';

const RATE = 50;
const TOKENS = 400;

/** A step takes the same time whatever it computes: all streams get their tokens at the rate, all at once. */
const SCENARIO = `endpoint: simulated
simulator:
  engine: { maxNumSeqs: 4096, maxBatchedTokens: 1000000, kvBlocks: 1000000 }
  cost: { kind: linear, base: ${1e6 / RATE} }
`;

interface Served {
  tokens_per_s: number;
  cpu_per_token_us: number;
  truth: TruthAudit;
}

/** Measures `goodput serve`: how many streams of 50 tokens per second one core serves, and how late it is. */
export async function serve(bench: Bench): Promise<SuiteResult> {
  const rows: SuiteResult['rows'] = [];
  for (const streams of bench.quick ? [1000] : [250, 1000, 2000]) {
    const served: Served[] = [];
    for (let round = 1; round <= bench.rounds; round++) {
      bench.log(`round ${round} of ${bench.rounds}: ${streams} streams`);
      served.push(await measured(streams));
    }
    const ms = (pick: (truth: TruthAudit) => number | null): number[] =>
      served.map(({ truth }) => pick(truth) ?? Number.NaN);
    rows.push({
      name: `${streams}`,
      what: `${streams} streams × ${RATE} tokens/s`,
      figures: {
        tokens: figure(
          'tokens/s',
          '',
          served.map(({ tokens_per_s }) => tokens_per_s),
        ),
        core: figure(
          'share of a core',
          '',
          served.map(({ tokens_per_s, cpu_per_token_us }) => (tokens_per_s * cpu_per_token_us) / 1e6),
        ),
        cpu: figure(
          'CPU per token',
          'µs',
          served.map(({ cpu_per_token_us }) => cpu_per_token_us),
        ),
        late_p50: figure(
          'lateness p50',
          'ms',
          ms(({ errors }) => errors.written.p50),
        ),
        late_p99: figure(
          'p99',
          'ms',
          ms(({ errors }) => errors.written.p99),
        ),
        early: figure(
          'early stamps',
          '',
          ms(({ errors }) => errors.events.early),
        ),
      },
    });
  }
  return {
    suite: 'serve',
    title: 'The simulated endpoint as a server',
    how: `\`goodput serve --log\` in a process of its own, steps of ${1000 / RATE} ms in which every stream gets a token; \`goodput run\` in closed loop as its client, answers of ${TOKENS} tokens; lateness is from the engine's instant to right before the write, of all tokens, by the server's log; ${PINNED}; ${bench.rounds} rounds; median (min–max).`,
    rows,
    skipped: bench.quick ? ['250 and 2,000 streams (without --quick)'] : [],
  };
}

async function measured(streams: number): Promise<Served> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-bench-'));
  try {
    const scenario = join(dir, 'serve.yaml');
    const usage = join(dir, 'usage.json');
    const log = join(dir, 'truth.jsonl');
    const out = join(dir, 'run');
    await writeFile(scenario, SCENARIO);
    const preload = ['--import', pathToFileURL(built('bench/exit-usage.js')).href];
    const node = [process.execPath, ...preload, GOODPUT];
    const server = start([...node, 'serve', scenario, '--port', '0', '--log', log, '--quiet'], 0, {
      BENCH_USAGE: usage,
    });
    const ended = finish(server, 'goodput serve', 120);
    const [first] = (await Promise.race([once(server.stdout!, 'data'), ended])) as [string];
    const load = ['--concurrency', String(streams), '--warmup', '8s', '--duration', '12s', '--drain', '30s'];
    const lengths = ['--input-tokens', '16', '--output-tokens', String(TOKENS), '--no-probe'];
    const run = start(
      [
        process.execPath,
        GOODPUT,
        'run',
        '--url',
        first.trim(),
        ...load,
        ...lengths,
        '--out',
        out,
        '--json',
        '--quiet',
      ],
      1,
    );
    // The client may fall behind, which does not matter here.
    await finish(run, 'goodput run', 120, [0, 98]);
    server.kill('SIGINT');
    await ended;
    await copyFile(log, join(out, 'truth.jsonl'));
    const report = start([process.execPath, GOODPUT, 'report', out, '--audit-truth', '--json'], null);
    const summary = JSON.parse(await finish(report, 'goodput report', 120)) as Summary;
    const { cpu_us } = JSON.parse(await readFile(usage, 'utf8')) as { cpu_us: number };
    const { truth, rates } = summary;
    return {
      tokens_per_s: rates.output_tps!,
      cpu_per_token_us: cpu_us / truth!.counts.output_tokens.truth,
      truth: truth!,
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
