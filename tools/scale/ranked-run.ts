import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, check } from '../real/check.ts';
import { entry } from '../real/goodput.ts';
import { output } from './command.ts';
import type { Daemons } from './daemons.ts';

/** The name of the scenario, and of its jobs. */
export const NAME = 'ranks';
export const KEY = 'sk-scale-0123456789abcdef';
export const KEY_VARIABLE = 'SCALE_KEY';

export interface Endpoint {
  url: string;
  /** The log of the server: what it saw of every request. */
  log: string;
}

/** Starts the simulated endpoint as a server that requires the key. */
export async function startEndpoint(daemons: Daemons, folder: string): Promise<Endpoint> {
  const log = join(folder, 'truth.jsonl');
  const words = [
    process.execPath,
    entry,
    'serve',
    '--port',
    '0',
    '--api-key-env',
    KEY_VARIABLE,
    '--log',
    log,
  ];
  const server = daemons.start('goodput serve', words, { [KEY_VARIABLE]: KEY });
  const url = await server.until(() => /http:\S+/.exec(server.log)?.[0], 'listen', 60_000);
  return { url, log };
}

/** Writes the scenario of the check, with a data set in another folder, and returns its path. */
export async function writeScenario(folder: string, url: string): Promise<string> {
  const path = join(folder, 'scenario.yaml');
  const prompts = Array.from({ length: 50 }, (_, n) => JSON.stringify({ prompt: `Count to ${n + 1}.` }));
  await writeFile(join(folder, 'prompts.jsonl'), `${prompts.join('\n')}\n`);
  const text = `name: ${NAME} # a comment with a key: ${KEY}
endpoint: { url: ${url}, apiKey: \${${KEY_VARIABLE}} }
workload: { data: prompts.jsonl, output: { tokens: 8 } }
load: { rate: 40/s, warmup: 1s, duration: 10s, drain: 10s }
gates: [error_rate <= 1%]
`;
  await writeFile(path, text);
  return path;
}

interface Line {
  i: number;
  planned_us: number;
  phase: string;
  outcome: string;
}

const linesOf = async (path: string): Promise<Line[]> =>
  (await readFile(path, 'utf8').catch(() => ''))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

const documentOf = async (path: string): Promise<Record<string, any>> =>
  JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as Record<string, any>;

interface RankedRun {
  /** The folder with the run folders of the ranks. */
  folder: string;
  merged: string;
  ranks: number;
  scenario: string;
  env: Record<string, string | undefined>;
  /** The rank that was killed; `null` for none. */
  killed: number | null;
}

/** Checks what several ranks sent against the plan of a single run, which a run on a virtual clock shows. */
export async function rankedChecks(run: RankedRun): Promise<Check[]> {
  const { folder, merged, ranks, scenario, env, killed } = run;
  const single = `${folder}-single`;
  await output(['goodput', 'simulate', scenario, '--out', single, '--quiet'], { env });
  const plan = (await linesOf(join(single, 'samples.jsonl'))).toSorted((a, b) => a.i - b.i);
  const parts = await Promise.all(
    Array.from({ length: ranks }, async (_, rank) => linesOf(join(folder, `rank-${rank}`, 'samples.jsonl'))),
  );
  const headers = await Promise.all(
    parts.map(async (_, rank) => documentOf(join(folder, `rank-${rank}`, 'run.json'))),
  );
  const union = parts.flat().toSorted((a, b) => a.i - b.i);
  const own = parts.every((part, rank) => part.every(({ i }) => i % ranks === rank));
  const planned = new Map(plan.map(({ i, planned_us }) => [i, planned_us]));
  const isOfPlan = union.every(({ i, planned_us }) => planned.get(i) === planned_us);
  const unsent = plan.filter(({ i }) => !union.some((sample) => sample.i === i));
  const summary = await documentOf(join(merged, 'summary.json'));
  const counts = summary['counts'] ?? {};
  const cohort = (lines: readonly Line[]): number => lines.filter(({ phase }) => phase === 'measure').length;
  const checks = [
    check(
      'each rank names itself',
      headers.every(({ rank }, index) => rank?.index === index && rank?.of === ranks),
      headers.map(({ rank }) => `${rank?.index}/${rank?.of}`).join(' '),
    ),
    check(
      'each rank sent its own requests of the single plan, at its instants',
      own && isOfPlan && union.length > 0,
      parts.map((part) => part.length).join(' + '),
    ),
    check(
      'every failed request has a cause in the endpoint',
      union.every(({ outcome }) => outcome === 'ok'),
      `${union.filter(({ outcome }) => outcome !== 'ok').length} of ${union.length} failed`,
    ),
    check('no file has the key', !(await contains(folder, KEY)), folder),
  ];
  if (killed === null)
    return [
      ...checks,
      check('together they sent the whole plan', unsent.length === 0, `${union.length} of ${plan.length}`),
      check(
        'the merged run counts them all',
        counts.cohort === cohort(plan) && counts.lost === 0 && counts.ok === counts.cohort,
        `${counts.ok} of ${cohort(plan)}, ${counts.lost} lost`,
      ),
    ];
  return [
    ...checks,
    check(
      'only requests of the killed rank are missing',
      unsent.length > 0 && unsent.every(({ i }) => i % ranks === killed),
      `${unsent.length} of ${plan.length}`,
    ),
    check(
      'the merged run counts them as lost',
      counts.lost === unsent.length,
      `${counts.lost} of ${unsent.length}`,
    ),
  ];
}

async function contains(folder: string, secret: string): Promise<boolean> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of files) {
    if (!file.isFile()) continue;
    if ((await readFile(join(file.parentPath, file.name))).includes(secret)) return true;
  }
  return false;
}

/** Waits until a rank has recorded some requests. */
export async function untilSampled(folder: () => Promise<string | null>, rank: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await folder();
    if (found !== null && (await linesOf(join(found, `rank-${rank}`, 'samples.jsonl'))).length >= 5) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`rank ${rank} recorded no requests within a minute`);
}

/** Returns the process of a rank: a node process whose environment has these variables. */
export async function processOf(variables: Readonly<Record<string, string>>): Promise<number> {
  const wanted = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const set = environ.split('\0');
    if (words.split('\0')[2] === 'run' && wanted.every((each) => set.includes(each))) return Number(pid);
  }
  throw new Error(`no process has ${wanted.join(' and ')}`);
}

/** Returns the exit code of the verdict of the merged run: other programs may have disturbed it. */
export async function mergedExit(merged: string): Promise<number | null> {
  const { verdict } = await documentOf(join(merged, 'summary.json'));
  return verdict?.exitCode ?? null;
}
