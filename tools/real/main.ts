/**
 * `npm run test:real`: tests goodput against independent servers on this machine: llama.cpp with a small model,
 * LiteLLM in front of it, and nginx in front of it and of the simulated endpoint.
 *
 * Not part of `npm test`: it needs Python, nginx, 900 MB of packages on first use and five minutes of two cores.
 * Arguments choose parts (`npm run test:real -- llama nginx`); `node tools/real/main.ts dist/bin.js` tests another
 * build than the sources.
 */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiName } from '../../src/client/api/api.ts';
import { checkProxiedRun, type Expected } from './buffering-check.ts';
import { check, checkRun, type Check } from './check.ts';
import { Child } from './child.ts';
import { checkGatewayRun } from './gateway-check.ts';
import { type Ended, entry, goodput } from './goodput.ts';
import { startLiteLlm } from './litellm-server.ts';
import { startLlamaServer, type LlamaServer } from './llama-server.ts';
import { type NginxOptions, startNginx } from './nginx-server.ts';
import { HERE, RUNS } from './paths.ts';
import { checkTelemetry } from './telemetry-check.ts';
import {
  readCounters,
  type ServerTiming,
  type ServerWork,
  settledCounters,
  timingsFrom,
  workBetween,
} from './server-view.ts';

const PARTS = ['llama', 'litellm', 'nginx'] as const;

/** Half of what the model sustains on its own machine (NOTES.md). */
const MOST_RPS = 0.7;

const totals = { passed: 0, failed: 0 };

function print(name: string, checks: readonly Check[]): void {
  for (const { name: what, ok, detail } of checks) {
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${what} (${detail})`);
    if (ok) totals.passed++;
    else totals.failed++;
  }
}

async function main(): Promise<number> {
  const named = PARTS.filter((part) => process.argv.slice(2).includes(part));
  const wanted = new Set(named.length === 0 ? PARTS : named);
  await rm(RUNS, { recursive: true, force: true });
  await mkdir(RUNS, { recursive: true });
  // One thread: two would wait for each other at every layer, and a third process on two cores would make the server
  // ten to forty times slower. It also leaves goodput a core, like a client on another machine.
  const server = await startLlamaServer({ parallel: 4, contextTokens: 512, threads: 1 });
  try {
    if (wanted.has('llama')) await direct(server);
    if (wanted.has('litellm')) await throughLiteLlm(server);
    if (wanted.has('nginx')) await throughNginx(server);
  } finally {
    await server.stop();
    await writeFile(join(RUNS, 'server.log'), server.log());
  }
  if (wanted.has('nginx')) await fastThroughNginx();
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 ? 0 : 1;
}

async function direct(server: LlamaServer): Promise<void> {
  const cases: { scenario: 'open' | 'closed'; api: ApiName; text?: boolean; probe?: boolean }[] = [
    { scenario: 'closed', api: 'chat' },
    // One run with a preflight, as by default.
    { scenario: 'closed', api: 'completions', probe: true },
    { scenario: 'open', api: 'chat', text: true },
    { scenario: 'open', api: 'completions' },
  ];
  // Half of what the server completes with three requests in flight and other programs.
  let rate = MOST_RPS;
  for (const { scenario, api, text = false, probe = false } of cases) {
    // About ten requests: one alone proves little.
    const duration = Math.max(20, Math.ceil(10 / rate));
    const load = scenario === 'open' ? ['--rate', `${rate}/s`, '--duration', `${duration}s`] : [];
    const options = [
      '--api',
      api,
      ...load,
      '--telemetry',
      'endpoint',
      ...(probe ? [] : ['--no-probe']),
      ...(text ? [] : ['--json']),
    ];
    const dir = join(RUNS, `${scenario}-${api}`);
    await measure(
      `${scenario}, ${api}`,
      server,
      { scenario, url: server.url, dir, options },
      async (work, timings, stdout) => [
        text ? await reportRepeats(dir, stdout) : await documentIsTheSummary(dir, stdout),
        ...(await checkRun({ dir, work, timings })),
        ...(await checkTelemetry(dir, probe ? null : work, timings)),
      ],
    );
    if (scenario === 'closed') rate = Math.min(rate, Number((0.5 * (await rateOf(dir))).toFixed(2)));
  }
}

async function rateOf(dir: string): Promise<number> {
  const { rates } = JSON.parse(await readFile(join(dir, 'summary.json'), 'utf8')) as {
    rates: { rps: number };
  };
  return Math.max(0.1, rates.rps);
}

async function throughLiteLlm(server: LlamaServer): Promise<void> {
  const gateway = await startLiteLlm(server.url);
  const key = { REAL_KEY: gateway.key };
  try {
    print('litellm, probe', await probeOf(gateway.url, key).catch(notChecked));
    for (const [at, api] of (['chat', 'completions', 'responses', 'messages'] as const).entries()) {
      const dir = join(RUNS, `litellm-${api}`);
      // One at a time: the time before a first token is then the prompt's computation and the gateway's delay,
      // without a queue.
      const load = ['--concurrency', '1', '--warmup', '2s', '--duration', '12s'];
      // Prompts that are not in the server's cache from another run.
      const prompts = ['--seed', String(100 + at)];
      const options = ['--api', api, '--api-key-env', 'REAL_KEY', ...load, ...prompts, '--json'];
      await measure(
        `litellm, ${api}`,
        server,
        { scenario: 'closed', url: gateway.url, dir, options, env: key },
        async (work, timings) => [
          ...(await checkGatewayRun({ dir, api, work, timings })),
          await keepsSecret(dir, gateway.key),
        ],
      );
    }
    const outward = gateway.outward();
    print('litellm', [check('nothing asked for the internet', outward === 0, `${outward} connections`)]);
  } finally {
    await gateway.stop();
    await writeFile(join(RUNS, 'litellm.log'), gateway.log().replaceAll(gateway.key, '(key)'));
  }
}

async function throughNginx(server: LlamaServer): Promise<void> {
  // llama.cpp sends `X-Accel-Buffering: no`, which nginx obeys: its default changes nothing.
  for (const [buffering, api] of [
    ['off', 'chat'],
    ['default', 'completions'],
  ] as const) {
    const proxy = await startNginx({ upstream: server.url, buffering, http: '1.1' });
    const dir = join(RUNS, `nginx-${buffering}-${api}`);
    try {
      const options = ['--api', api, '--duration', '12s', '--json'];
      await measure(
        `nginx, buffering ${buffering}, ${api}`,
        server,
        { scenario: 'closed', url: proxy.url, dir, options },
        (work, timings) => checkRun({ dir, work, timings, isProxied: true }),
      );
    } finally {
      await proxy.stop();
    }
  }
}

/** The simulated endpoint writes a token every few milliseconds, and does not forbid proxies to buffer. */
async function fastThroughNginx(): Promise<void> {
  const variants: (Omit<NginxOptions, 'upstream'> & { expected: Expected })[] = [
    { buffering: 'off', http: '1.0', expected: 'streamed' },
    { buffering: 'off', http: '1.1', gzip: true, expected: 'streamed' },
    // nginx passes chunks on as they arrive, with buffering or without.
    { buffering: 'default', http: '1.1', expected: 'streamed' },
    { buffering: 'default', http: '1.0', expected: 'buffered' },
    { buffering: 'large', http: '1.0', expected: 'buffered' },
    { buffering: 'large', http: '1.0', expected: 'undecidable' },
    { buffering: 'default', http: '1.1', gzip: true, expected: 'buffered' },
    { buffering: 'large', http: '1.0', gzip: true, expected: 'buffered' },
  ];
  for (const { expected, ...options } of variants) {
    const { buffering, http, gzip = false } = options;
    const name = `nginx, buffering ${buffering}, HTTP/${http}${gzip ? ', gzip' : ''}, ${expected}`;
    const dir = join(RUNS, `nginx-${buffering}-${http}${gzip ? '-gzip' : ''}-${expected}`);
    const log = `${dir}.truth.jsonl`;
    const upstream = new Child(process.execPath, [entry, 'serve', '--port', '0', '--log', log], {
      name: 'goodput serve',
    });
    const url = await upstream.until(() => /http:\S+/.exec(upstream.log)?.[0], 'listen', 60_000);
    const proxy = await startNginx({ upstream: url, ...options });
    const load = ['--concurrency', '4', '--warmup', '1s', '--duration', '6s', '--drain', '20s'];
    const tokens = ['--input-tokens', '50', '--output-tokens', '100'];
    const slo = expected === 'undecidable' ? ['--slo', 'tpot<=50ms'] : [];
    const output = ['--out', dir, '--quiet', '--json'];
    const ended = await goodput([
      'run',
      '--url',
      proxy.url,
      '--no-probe',
      ...load,
      ...tokens,
      ...slo,
      ...output,
    ]);
    await proxy.stop();
    await upstream.stop();
    const encoding = gzip ? 'gzip' : null;
    print(name, [
      succeeds(ended, expected === 'undecidable' ? 98 : 0),
      ...(await checkProxiedRun({ dir, log, expected, encoding }).catch(notChecked)),
    ]);
  }
}

interface Measured {
  scenario: 'open' | 'closed';
  url: string;
  dir: string;
  options: readonly string[];
  env?: Record<string, string>;
}

/** Runs goodput, and checks the run against the server's record. */
async function measure(
  name: string,
  server: LlamaServer,
  { scenario, url, dir, options, env }: Measured,
  checks: (work: ServerWork, timings: ServerTiming[], stdout: string) => Promise<Check[]>,
): Promise<void> {
  const before = await readCounters(server.metricsUrl);
  const logged = server.log().length;
  const file = join(HERE, 'scenarios', `${scenario}.yaml`);
  const ended = await goodput(
    ['run', file, '--url', url, '--out', dir, '--keep-text', '--quiet', ...options],
    env,
  );
  const work = workBetween(before, await settledCounters(server.metricsUrl));
  const timings = timingsFrom(server.log().slice(logged));
  print(name, [succeeds(ended), ...(await checks(work, timings, ended.stdout).catch(notChecked))]);
}

/**
 * Checks exit code 0, or 98 if goodput reports that other programs used this machine's processors, which is not the
 * servers' fault.
 */
function succeeds({ code, stdout, stderr }: Ended, expected = 0): Check {
  const contended = code === 98 && /other programs/.test(stdout);
  const said = stderr.split('\n').filter((line) => /error/i.test(line));
  const exit = [`exit code ${code}`, ...(contended ? ['other programs'] : []), ...said.slice(0, 2)].join(
    '; ',
  );
  return check(`goodput run ends with ${expected}`, code === expected || contended, exit);
}

/** Returns the error of a check, such as a run folder without a file. */
const notChecked = (cause: unknown): Check[] => [
  check('it can be checked', false, cause instanceof Error ? cause.message : String(cause)),
];

/** Checks that the report of a run can be reproduced exactly from its folder. */
async function reportRepeats(dir: string, stdout: string): Promise<Check> {
  await writeFile(`${dir}.txt`, stdout);
  const again = await goodput(['report', dir]);
  const same = stdout.trim() !== '' && again.stdout === stdout;
  const detail = `${stdout.split('\n').length} lines, kept beside the run folder`;
  return check('the printed report can be printed again', same && again.code === 0, detail);
}

async function documentIsTheSummary(dir: string, stdout: string): Promise<Check> {
  const file = JSON.parse(await readFile(join(dir, 'summary.json'), 'utf8')) as unknown;
  const same = JSON.stringify(JSON.parse(stdout)) === JSON.stringify(file);
  return check('--json prints summary.json alone', same, `${stdout.length} characters`);
}

/** Expected result of `goodput probe` for LiteLLM, known from its streams (NOTES.md). */
async function probeOf(url: string, env: Record<string, string>): Promise<Check[]> {
  const { code, stdout } = await goodput(['probe', '--url', url, '--api-key-env', 'REAL_KEY', '--json'], env);
  const { server, options, limit_effect, apis } = JSON.parse(stdout);
  const states = Object.entries(options).map(
    ([name, found]) => `${name} ${(found as { state: string }).state}`,
  );
  return [
    check('it is recognised', code === 0 && server.name === 'LiteLLM', `${server.name}, exit code ${code}`),
    check(
      'a total beside a choice is not taken for usage so far',
      options.continuous_usage_stats.state === 'ignored' && options.include_usage.state === 'works',
      states.join(', '),
    ),
    check(
      'the limit is obeyed',
      limit_effect.state === 'obeyed',
      `${limit_effect.came} of ${limit_effect.asked}`,
    ),
    check(
      'all four APIs are spoken',
      Object.values(apis).every((found) => (found as { spoken: boolean }).spoken),
      Object.keys(apis).join(', '),
    ),
  ];
}

async function keepsSecret(dir: string, key: string): Promise<Check> {
  const files = await readdir(dir);
  const texts = await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
  const found = files.filter((_, k) => texts[k]?.includes(key));
  return check('the key is in no file', found.length === 0, found.join(', ') || `${files.length} files`);
}

process.exitCode = await main().catch((cause: unknown) => {
  console.error(`test:real: ${cause instanceof Error ? cause.message : String(cause)}`);
  return 1;
});
