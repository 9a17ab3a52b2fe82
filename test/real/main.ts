/**
 * `npm run test:real`: goodput against a real llama.cpp server and a real small model, on this machine alone.
 *
 * Never part of `npm test`: it wants Python, 130 MB of packages on first use and two minutes of two cores.
 * `node test/real/main.ts dist/bin.js` tests another build than the sources.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkRun, type Check } from './check.ts';
import { startLlamaServer, type LlamaServer } from './llama-server.ts';
import { readCounters, settledCounters, timingsFrom, workBetween } from './server-view.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const entry = process.argv[2] ?? join(root, 'src', 'bin.ts');
const runs = join(root, '.cache', 'real', 'runs'); // kept until the next time, to look into

// 20 s of load and 3 s of warm-up: a run that takes a minute hangs. Four of them stay within five minutes.
const RUN_LIMIT_MS = 65_000;

interface Case {
  scenario: 'open' | 'closed';
  api: 'chat' | 'completions';
  text?: boolean; // look at the printed report instead of the document
  probe?: { outputTokens: number; inputTokens: number };
}

const CASES: Case[] = [
  { scenario: 'open', api: 'chat', text: true },
  { scenario: 'open', api: 'completions' },
  { scenario: 'closed', api: 'chat' },
  // One run with the probe, as users have it; its tokens are not in the samples, so that sum is a range here.
  { scenario: 'closed', api: 'completions', probe: { outputTokens: 8, inputTokens: 512 } },
];

async function main(): Promise<number> {
  await rm(runs, { recursive: true, force: true });
  await mkdir(runs, { recursive: true });
  // One thread: two would wait for each other at every layer, and any third process on two cores then makes the server
  // ten to forty times slower. It also leaves goodput a core, as a client on another machine would have.
  const server = await startLlamaServer({ parallel: 4, contextTokens: 512, threads: 1 });
  let passed = 0;
  let failed = 0;
  try {
    for (const each of CASES) {
      const name = `${each.scenario}, ${each.api}`;
      const checks = await tryCase(each, server).catch(notChecked);
      for (const { name: what, ok, detail } of checks) {
        console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${what} (${detail})`);
        if (ok) passed++;
        else failed++;
      }
    }
  } finally {
    await server.stop();
    await writeFile(join(runs, 'server.log'), server.log());
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function tryCase({ scenario, api, text = false, probe }: Case, server: LlamaServer): Promise<Check[]> {
  const dir = join(runs, `${scenario}-${api}`);
  const before = await readCounters(server.metricsUrl);
  const logged = server.log().length;
  const file = join(here, 'scenarios', `${scenario}.yaml`);
  const where = ['--url', server.url, '--api', api, '--out', dir];
  const options = ['--keep-text', ...(probe ? [] : ['--no-probe']), ...(text ? [] : ['--json'])];
  const { code, stdout, stderr } = await goodput(['run', file, ...where, ...options]);
  const work = workBetween(before, await settledCounters(server.metricsUrl));
  const timings = timingsFrom(server.log().slice(logged));

  const said = stderr.split('\n').filter((line) => /error/i.test(line));
  const exit = [`exit code ${code}`, ...(code === 0 ? [] : said.slice(0, 2))].join('; ');
  const ran: Check = { name: 'goodput run succeeds', ok: code === 0, detail: exit };
  const rest = async () => [
    text ? await reportRepeats(dir, stdout) : await documentIsTheSummary(dir, stdout),
    ...(await checkRun({ dir, work, timings, ...(probe && { probe }) })),
  ];
  return [ran, ...(await rest().catch(notChecked))];
}

/** Such as a run folder that lacks a file. */
const notChecked = (cause: unknown): Check[] => [
  {
    name: 'the run can be checked',
    ok: false,
    detail: cause instanceof Error ? cause.message : String(cause),
  },
];

/** A run can be shown again, word for word, from its folder alone. */
async function reportRepeats(dir: string, stdout: string): Promise<Check> {
  await writeFile(`${dir}.txt`, stdout);
  const again = await goodput(['report', dir]);
  const same = stdout.trim() !== '' && again.stdout === stdout;
  const detail = `${stdout.split('\n').length} lines, kept beside the run folder`;
  return { name: 'the printed report can be printed again', ok: same && again.code === 0, detail };
}

async function documentIsTheSummary(dir: string, stdout: string): Promise<Check> {
  const file = JSON.parse(await readFile(join(dir, 'summary.json'), 'utf8')) as unknown;
  const same = JSON.stringify(JSON.parse(stdout)) === JSON.stringify(file);
  return { name: '--json prints summary.json alone', ok: same, detail: `${stdout.length} characters` };
}

/** A process of its own, as users start it, and free of what the caller's environment would set. */
async function goodput(args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(GOODPUT_|OPENAI_API_KEY$)/.test(name)),
  );
  const child = spawn(process.execPath, [entry, ...args], {
    env,
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    process.stderr.write(text);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(limit);
  return { code, stdout, stderr };
}

process.exitCode = await main().catch((cause: unknown) => {
  console.error(`test:real: ${cause instanceof Error ? cause.message : String(cause)}`);
  return 1;
});
