import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPlanned } from '../../src/batch/batch-input.ts';
import { readCalibration } from '../../src/calibrate/store.ts';
import { groupPage } from '../../src/cli/handlers/recorded-group.ts';
import { ScoreFile } from '../../src/dataset/verify/score-file.ts';
import { manifestOf } from '../../src/dataset/write/manifest.ts';
import { GoodputError } from '../../src/errors.ts';
import { readBatch } from '../../src/record/batch-json.ts';
import { readRounds } from '../../src/record/rounds-json.ts';
import { readTruth } from '../../src/record/truth-log.ts';
import { Journal } from '../../src/synth/journal.ts';

const scratch = await mkdtemp(join(tmpdir(), 'goodput-damage-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));

interface Case {
  name: string;
  /** The documents of the file: one, or one for each line. */
  documents: readonly object[];
  read(dir: string): Promise<unknown>;
  /** Keys that may be missing, and those that may have any value. */
  optional?: readonly string[];
  free?: readonly string[];
  /** Keys by which the kind of a line is known: without them it is a wrong line of another kind. */
  tells?: readonly string[];
  /** True if an incomplete last line is left out. */
  isCut?: boolean;
}

const part = {
  input: 'input-1.jsonl',
  requests: 2,
  bytes: 9,
  upload_sent_us: 1.5,
  file_id: 'f',
  batch_id: 'b',
  created_us: 2,
  status: 'done',
  first_completion_us: 3,
  ended_us: 4,
  refused: 'no',
  collected: true,
  duplicates: 0,
  unknown: 0,
  missing: 0,
};

const turn = {
  messages: [{ role: 'user', content: 'hello' }],
  input_tokens: 3,
  hash_ids: [7],
  output_tokens: 5,
  delay_ms: 6,
  reference: 'an answer',
  tools: [],
  body: {},
  tags: { language: 'en' },
};

const CASES: readonly Case[] = [
  {
    name: 'calibration.json',
    documents: [
      {
        schemaVersion: 1,
        machines: {
          here: {
            measured: '2026-01-02T03:04:05.000Z',
            machine: { cpu: 'x', cores: 8, node: 'v24.0.0' },
            requests: { per_s: 2000, send_lag_p99_ms: 4, at_least: true },
            events: { per_s: 500_000, cpu_us: 1.5 },
            paced: { per_s: 20_000, error_p99_us: 900 },
            streams: { held: 4000, most: 10_000 },
            stamps: { count: 1000, error_p50_us: 30, error_p99_us: 400 },
          },
        },
      },
    ],
    read: (dir) => readCalibration(join(dir, 'calibration.json')),
    optional: ['here', 'at_least', 'paced'],
  },
  {
    name: 'rounds.json',
    documents: [
      {
        schemaVersion: 1,
        version: '0.1.0',
        name: 'n',
        started: 's',
        endpoints: ['a', 'b'],
        rounds: 2,
        status: 'running',
        runs: [{ round: 1, endpoint: 'a', seed: 3, run: 'r' }],
      },
    ],
    read: readRounds,
  },
  {
    name: 'batch.json',
    documents: [
      {
        schemaVersion: 1,
        version: '0.1.0',
        protocol: 'openai',
        requests: 2,
        parts: [part],
        samples_bytes: 0,
        results_received_us: 5,
        status: 'running',
      },
    ],
    read: readBatch,
  },
  {
    name: 'd.jsonl.manifest.json',
    documents: [
      {
        schemaVersion: 1,
        goodput: '0.1.0',
        output: { path: 'd.jsonl', sha256: 'ab', bytes: 3, format: 'goodput', sessions: 1 },
        sources: [{ path: 's', sha256: 'cd', bytes: 4, licence: 'MIT' }],
        steps: [{ verb: 'filter', options: { drop: 'empty' }, seed: 1, records_in: 2, records_out: 1 }],
        tokenizer: 't',
      },
    ],
    read: (dir) => manifestOf({ path: join(dir, 'd.jsonl'), sha256: 'ab', bytes: 3 }),
    optional: ['drop'],
    free: ['drop'],
  },
  {
    name: 'planned.jsonl',
    documents: [0, 1].map((i) => ({
      batch: 0,
      i,
      session: i,
      turn: 0,
      turns: 2,
      tags: { model: 'm' },
      planned_input: 9,
      planned_output: 8,
    })),
    read: (dir) => readPlanned(dir, 0, 2),
    optional: ['session', 'turn', 'turns', 'tags', 'model'],
  },
  {
    name: 'truth.jsonl',
    documents: [
      { truth: 1, origin: { monotonic_ns: '5' } },
      {
        id: 'r0',
        arrived_us: 1,
        entered_us: 2,
        admitted_us: 3,
        headers_us: 4,
        computed_us: [5, 6],
        written_us: [6, 6],
        end: 'complete',
        fault: 'drop',
        prompt: 7,
        cached: 8,
        computed: 9,
        output: 9,
        preemptions: 0,
      },
      { server: { kind: 'stall' } },
      { end: { steps: 1, preemptions: 0, peak_running: 1, peak_blocks: 2 } },
    ],
    read: (dir) => readTruth(dir, 0n),
    tells: ['server', 'end'],
  },
  {
    name: 'scores.jsonl',
    documents: [1, 2].map((pass) => ({ record: 0, key: 'k', pass, score: 4, reason: 'good' })),
    read: async (dir) => new ScoreFile(join(dir, 'scores.jsonl')).count,
    isCut: true,
  },
  {
    name: 'out.partial',
    documents: [
      { verb: 'paraphrase' },
      {
        record: 0,
        digest: 'd',
        sessions: [{ session: 's', timestamp_ms: 1, tags: {}, turns: [turn] }],
        problem: 'none',
        questions: 1,
        input_tokens: 2,
        output_tokens: 3,
      },
    ],
    read: async (dir) => (await Journal.open(join(dir, 'out.partial'), { verb: 'paraphrase' })).close(),
    optional: ['content', 'language'],
    free: ['content'],
    tells: ['verb'],
    isCut: true,
  },
];

type Path = readonly (string | number)[];

/** Returns the paths to all values of a document. */
const pathsIn = (value: unknown, path: Path = []): Path[] => [
  ...(path.length === 0 ? [] : [path]),
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) =>
        pathsIn(each, [...path, Array.isArray(value) ? Number(key) : key]),
      )
    : []),
];

/** Stands for a number that no double holds. */
const HUGE = '1e999';

/** Returns the documents with one value replaced, or removed if it is undefined. */
function changed(documents: readonly object[], at: number, path: Path, value: unknown): string[] {
  const copy = structuredClone(documents) as Record<string, any>[];
  const last = path.at(-1)!;
  const holder = path.slice(0, -1).reduce<any>((each, key) => each[key], copy[at]);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy.map((each) => JSON.stringify(each).replaceAll(`"${HUGE}"`, HUGE));
}

const valueAt = (document: object, path: Path): unknown =>
  path.reduce<any>((each, key) => each[key], document);

let folders = 0;

/** Returns the error of a reader; `null` if it accepts the lines. Any other exception than a GoodputError fails the test. */
async function problemOf({ name, read }: Case, text: string): Promise<GoodputError | null> {
  const dir = await mkdtemp(join(scratch, `${folders++}-`));
  await writeFile(join(dir, name), text);
  try {
    await read(dir);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(GoodputError);
    return error as GoodputError;
  }
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

describe.each(CASES)('$name', (given) => {
  const { name, documents, optional = [], free = [], tells = [], isCut = false } = given;
  const lines = documents.map((each) => JSON.stringify(each));
  const places = documents.flatMap((document, at) => pathsIn(document).map((path) => ({ at, path })));

  /** Expects an error that names the file, the line, the last key, and what to do. */
  const expectNamed = (error: GoodputError | null, at: number, key: string | number): void => {
    expect(error, `${name}: ${key}`).not.toBeNull();
    expect(error!.exitCode).toBe(104);
    expect(error!.hint).toMatch(/\w/);
    if (tells.includes(String(key))) return;
    expect(error!.message).toContain(documents.length === 1 ? name : `${name}:${at + 1}`);
    expect(error!.message).toContain(String(key));
  };

  it('is read as it is', async () => {
    expect(await problemOf(given, textOf(lines))).toBeNull();
  });

  it('with a key that is missing is an error that names it, unless the key is optional', async () => {
    for (const { at, path } of places) {
      const key = path.at(-1)!;
      if (typeof key === 'number') continue;
      const error = await problemOf(given, textOf(changed(documents, at, path, undefined)));
      if (optional.includes(key)) expect(error).toBeNull();
      else expectNamed(error, at, key);
    }
  });

  it('with a value of another type, or a number beyond all doubles, is an error that names the key', async () => {
    for (const { at, path } of places) {
      const key = path.at(-1)!;
      if (free.includes(String(key))) continue;
      const old = valueAt(documents[at]!, path);
      const wrong = [typeof old === 'object' ? 7 : [{}], ...(typeof old === 'number' ? [HUGE, '7'] : [])];
      for (const value of wrong)
        expectNamed(await problemOf(given, textOf(changed(documents, at, path, value))), at, key);
    }
  });

  it('that was cut off anywhere is an error, or lacks its last line', async () => {
    const text = textOf(lines);
    const last = lines.at(-1)!;
    for (let left = 1; left < last.length; left += 7) {
      const error = await problemOf(given, text.slice(0, text.length - 1 - left));
      if (isCut) expect(error).toBeNull();
      else expectNamed(error, lines.length - 1, 'JSON');
    }
  });

  it('in which a line is another JSON value is an error', async () => {
    for (const at of lines.keys())
      for (const other of ['null', '[]', '7', '"text"'])
        expectNamed(await problemOf(given, textOf(lines.with(at, other))), at, '');
  });

  it('with a key twice has the value of the second, and no key changes the prototype of objects', async () => {
    const end = lines.length - 1;
    const [first] = Object.keys(documents[end]!) as [string];
    const doubled = lines[end]!.replace(/^\{/, `{"${first}":{"wrong":[]},"__proto__":{"polluted":1},`);
    expect(await problemOf(given, textOf(lines.with(end, doubled)))).toBeNull();
    const reversed = lines[end]!.replace(/\}$/, `,"${first}":[[]]}`);
    expectNamed(await problemOf(given, textOf(lines.with(end, reversed))), end, first);
    expect('polluted' in {}).toBe(false);
  });
});

it.each(['capacity.json', 'sweep.json', 'rounds.json', 'batch.json', 'calibration.json'])(
  '%s of another version is an error with both versions',
  async (name) => {
    const read = CASES.find((each) => each.name === name)?.read ?? groupPage;
    const error = await problemOf({ name, documents: [], read }, '{"schemaVersion":2}');
    expect(error!.message).toContain(name);
    expect(error!.message).toMatch(/schemaVersion 2 .* 1$/);
    expect(error!.hint).toMatch(/\w/);
  },
);

it('a score file that was cut off goes on after its last complete line', async () => {
  const path = join(scratch, 'cut.jsonl');
  const line = (pass: number): string => JSON.stringify({ record: 0, key: 'é', pass, score: 4, reason: 'é' });
  await writeFile(path, Buffer.from(`${line(1)}\n${line(2)}`).subarray(0, -4));
  const scores = new ScoreFile(path);
  expect([scores.count, scores.rating('é', 2)]).toEqual([1, null]);
  scores.add({ record: 0, key: 'é', pass: 2, score: 5, reason: 'better' });
  expect(await readFile(path, 'utf8')).toBe(
    `${line(1)}\n${JSON.stringify({ record: 0, key: 'é', pass: 2, score: 5, reason: 'better' })}\n`,
  );
  expect(new ScoreFile(path).rating('é', 2)).toMatchObject({ score: 5 });
});

it('a file of planned requests that lacks lines is an error with both numbers', async () => {
  const [first] = CASES.find(({ name }) => name === 'planned.jsonl')!.documents;
  const path = await mkdtemp(join(scratch, 'planned-'));
  await writeFile(join(path, 'planned.jsonl'), textOf([JSON.stringify(first)]));
  await expect(readPlanned(path, 0, 2)).rejects.toThrow(/planned\.jsonl: it has 1 of the 2 requests/);
  await expect(readPlanned(join(path, 'none'), 0, 2)).rejects.toMatchObject({ exitCode: 104 });
});
