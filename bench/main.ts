import { cpus, loadavg, release, type } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomStream } from '../src/random.ts';
import type { Bench } from './bench.ts';
import { build } from './build.ts';
import { renderTables } from './report.ts';
import type { SuiteResult } from './report.ts';
import { analysis } from './suites/analysis.ts';
import { dataset } from './suites/dataset.ts';
import { flood } from './suites/flood.ts';
import { lag } from './suites/lag.ts';
import { memory } from './suites/memory.ts';
import { merge } from './suites/merge.ts';
import { paced, steps } from './suites/paced.ts';
import { record } from './suites/record.ts';
import { requests } from './suites/requests.ts';
import { serve } from './suites/serve.ts';
import { sessions } from './suites/sessions.ts';
import { simulate } from './suites/simulate.ts';
import { startup } from './suites/startup.ts';
import { telemetry } from './suites/telemetry.ts';
import { trace } from './suites/trace.ts';

const SUITES: Record<string, (bench: Bench) => Promise<SuiteResult>> = {
  flood,
  paced,
  steps,
  lag,
  memory,
  startup,
  record,
  analysis,
  merge,
  requests,
  simulate,
  serve,
  dataset,
  trace,
  sessions,
  telemetry,
};

const HELP = `npm run bench -- [options]

  --suite LIST   of ${Object.keys(SUITES).join(', ')}; default: all
  --rounds N     how often each variant is measured (default 5, with --quick 2)
  --quick        smaller loads
  --large        analysis of 1 M requests, a run of 1 M requests, a merge of 10 M: minutes, and 30 GB of disk
  --trace FILE   a real trace to replay in the suite trace; several times for several
  --seed N       of the order of the variants
  --json         one document on stdout instead of tables
`;

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: Object.keys(SUITES).join(',') },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    trace: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const { quick, large } = values;
const traces = values.trace.map((path) => resolve(path));
const wanted = values.suite.split(',');
const unknown = wanted.filter((name) => !(name in SUITES));
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));

if (values.help || unknown.length > 0 || !(rounds >= 1)) {
  process.stdout.write(unknown.length > 0 ? `no such suite: ${unknown.join(', ')}\n\n${HELP}` : HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  // Paths below are relative to the root of the repository.
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  await bench();
}

async function bench(): Promise<void> {
  const started = new Date();
  const before = Math.round(loadavg()[0]! * 10) / 10;
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  log('compiling');
  await build();
  const results: SuiteResult[] = [];
  for (const name of wanted) {
    log(`== ${name}`);
    const random = randomStream(Number(values.seed), `bench ${name}`);
    results.push(await SUITES[name]!({ rounds, quick, large, traces, random, log }));
  }
  const machine = {
    date: started.toISOString().slice(0, 10),
    node: process.version,
    undici: (await import('undici/package.json', { with: { type: 'json' } })).default.version,
    os: `${type()} ${release()} ${process.arch}`,
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    load_before: before,
    load_after: Math.round(loadavg()[0]! * 10) / 10,
    took_s: Math.round((Date.now() - started.getTime()) / 1000),
  };
  const lines = `${machine.date}, Node ${machine.node}, undici ${machine.undici}, ${machine.os}, ${machine.cores} cores, ${machine.cpu}; load average ${machine.load_before} before and ${machine.load_after} after; took ${machine.took_s} s\n\n`;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ schemaVersion: 1, machine, results }, null, 2)}\n`
      : lines + renderTables(results),
  );
}
