/**
 * @module-tag timed
 * @module-tag study
 */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEndpoint, type StartedEndpoint } from '../../src/simulator/index.ts';
import { goodput, scratchFolder } from '../cli/goodput.ts';
import { ADDRESS, PLANTED, rawChats } from './raw-chats.ts';

/** Runs the commands of the pages about workloads, in their order, in a folder with small files and against an embedded endpoint. */
const ROOT = join(import.meta.dirname, '..', '..');
const GOOD = 36;

const scratch = await scratchFolder();
let endpoint: StartedEndpoint;

const CHAT = `
workload: { sessions: { turns: 2, think: 20ms, first: 64, next: 16 }, output: 16 }
load: { concurrency: 4, warmup: 0s, duration: 1s, drain: 2s }
slo: { e2e: 10s }
`;
const traced = (requests: number, gap_ms: number): string =>
  Array.from({ length: requests }, (_, k) =>
    JSON.stringify({ timestamp: k * gap_ms, input_length: 64, output_length: 4, hash_ids: [0, k] }),
  ).join('\n');

beforeAll(async () => {
  endpoint = await startEndpoint({});
  await cp(join(ROOT, 'scenarios'), join(scratch, 'scenarios'), { recursive: true });
  const files = {
    'sharegpt.json': JSON.stringify(rawChats(GOOD), null, 1),
    'chat.yaml': CHAT,
    'trace.jsonl': traced(200, 10_000),
    'mooncake-conversation.jsonl.gz': traced(20, 40),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(scratch, name), text);
});
afterAll(() => endpoint.close());

/** Returns the commands of a page: the lines of its blocks, and those in its text that name a run. */
async function commandsOf(page: string): Promise<string[]> {
  const text = await readFile(join(ROOT, 'docs', page), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, language]) => language === '');
  const lines = blocks.flatMap(([, , block]) => block!.split('\n'));
  const inText = [...text.matchAll(/`(goodput [^`]*\bRUN\b[^`]*)`/g)].map(([, command]) => command!);
  return [...lines.filter((line) => line.startsWith('goodput ')), ...inText];
}

/** Options that make a command short. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  run: ['--duration', '1s', '--warmup', '0s', '--drain', '2s'],
  simulate: ['--duration', '20s'],
  capacity: ['--budget', '5s'],
  'capacity --virtual': ['--budget', '2m'],
};

/** The duration of a trace is a time of the trace. */
const OF_TRACES = ['--warmup', '0s', '--drain', '2s'];
const FASTER: Readonly<Record<string, readonly string[]>> = {
  'scenarios/trace-replay.yaml': ['--speed', '60'],
};

/** Returns the arguments of a command; `RUN` is the run of `scenarios/chat.yaml`. */
async function argumentsOf(command: string): Promise<string[]> {
  const folders = await readdir(join(scratch, 'reports')).catch(() => []);
  const run = folders.filter((name) => name.startsWith('chat-2')).toSorted()[0] ?? 'none';
  const words = command
    .replace(/\s+#.*$/, '')
    .replaceAll('http://127.0.0.1:8000/v1', endpoint.url)
    .replaceAll('RUN', join('reports', run))
    .split(/\s+/)
    .slice(1);
  const verb = words.includes('--virtual') ? `${words[0]} --virtual` : words[0]!;
  return [
    ...words,
    ...(/trace/.test(command) ? OF_TRACES : (SHORT[verb] ?? [])),
    ...(FASTER[words[1]!] ?? []),
  ];
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the commands of a page; returns what each printed, by the command as the page has it. */
async function runPage(page: string): Promise<Map<string, Ended>> {
  const all = new Map<string, Ended>();
  for (const command of await commandsOf(page))
    all.set(command, await goodput(await argumentsOf(command), { cwd: scratch }));
  return all;
}

/** Returns the result of the only command that contains a text. */
function only(all: ReadonlyMap<string, Ended>, text: string): Ended {
  const found = [...all].filter(([command]) => command.includes(text));
  expect(found.map(([command]) => command)).toHaveLength(1);
  return found[0]![1];
}

/** Gates mean little in a second, a stalled machine may invalidate a run, and a search of a few seconds decides nothing. */
const codesOf = (command: string): number[] =>
  /^goodput (run|simulate|report|capacity)/.test(command) ? [0, 98, 99] : [0];

const json = async (...path: string[]) => JSON.parse(await readFile(join(scratch, ...path), 'utf8'));

it('docs/workloads.md leads from a raw file to a run of its clean part', { timeout: 60_000 }, async () => {
  const all = await runPage('workloads.md');
  expect(all.size).toBeGreaterThanOrEqual(12);
  // Gates of the scenarios mean little in a second.
  for (const [command, { code, stderr }] of all)
    expect(codesOf(command), `${command}: ${stderr}`).toContain(code);
  const { sources, steps, output } = await json('chat.jsonl.manifest.json');
  expect(sources).toMatchObject([{ path: 'sharegpt.json', licence: 'CC0-1.0' }]);
  const { near, ...rules } = PLANTED;
  const planted = Object.values(rules).reduce((sum, each) => sum + each, 0) - 1;
  expect(steps).toMatchObject([
    { verb: 'dedupe', records_in: GOOD + planted + near, records_out: GOOD + planted },
    { verb: 'filter', records_out: GOOD },
    { verb: 'sample', seed: 7, records_out: GOOD },
  ]);
  const matched = (steps[1].options.rules as { rule: string; sessions: number }[]).map(
    ({ rule, sessions }) => [rule, sessions] as const,
  );
  expect(Object.fromEntries(matched)).toMatchObject(rules);
  expect(await readFile(join(scratch, 'chat.jsonl'), 'utf8')).not.toContain(ADDRESS);
  expect(await readFile(join(scratch, 'chat.jsonl.manifest.json'), 'utf8')).not.toContain(ADDRESS);
  expect(only(all, 'data verify').stdout).toContain('pass  licence: CC0-1.0');
  // The run cites them.
  const run = /^Run +(\S+)/m.exec(
    only(all, 'run --url http://127.0.0.1:8000/v1 --data chat.jsonl').stdout,
  )![1]!;
  const { data } = await json(run, 'run.json');
  expect(data).toMatchObject({ files: [{ sha256: output.sha256 }], licence: 'CC0-1.0', steps });
  const replay = only(all, 'mooncake-conversation.jsonl.gz').stdout;
  expect(replay).toMatch(/20 sent/);
});

it('docs/conversations.md answers how many users', { timeout: 60_000 }, async () => {
  const all = await runPage('conversations.md');
  expect(all.size).toBeGreaterThanOrEqual(7);
  for (const [command, { code, stderr }] of all)
    expect(codesOf(command), `${command}: ${stderr}`).toContain(code);
  const { stdout } = only(all, '--by concurrency --virtual');
  expect(stdout).toMatch(/users, each with a think time of 5s\s+on\s+average/);
  expect(only(all, '--by turn').stdout).toContain('Groups by turn');
  expect(only(all, '--audit-truth').stdout).toMatch(/^Truth .* agree/m);
});
