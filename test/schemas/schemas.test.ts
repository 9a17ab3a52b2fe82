import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/document/decode.ts';
import type { AnyDefinition, Definition } from '../../src/document/definition.ts';
import { randomStream } from '../../src/random.ts';
import { MANIFEST } from '../../src/dataset/write/manifest-json.ts';
import { encodeHeader, RUN } from '../../src/record/run-json.ts';
import { ROUNDS } from '../../src/record/rounds-json.ts';
import { encodeSample, SAMPLE } from '../../src/record/samples-jsonl.ts';
import { DOCUMENT_NAMES, type DocumentName, jsonSchemaOf } from '../../src/schemas/index.ts';
import { toSummary } from '../../src/verdict/summary.ts';
import { headerOf, sampleOf } from '../record/builders.ts';
import { randomJudged } from '../render/random-report.ts';
import { keysOf } from './keys.ts';
import { assertDocument, assertFolder, validatorOf } from './validator.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'reports', 'example');

describe('documents that goodput wrote', () => {
  test('the example run', async () => {
    expect(await assertFolder(EXAMPLE)).toBe(
      // run.json, summary.json and a line for each request.
      2 + (await readFile(join(EXAMPLE, 'samples.jsonl'), 'utf8')).trim().split('\n').length,
    );
  });

  test.each(Array.from({ length: 50 }, (_, seed) => seed))('summary of random figures, seed %i', (seed) => {
    const { report, audit, verdict } = randomJudged(seed);
    assertDocument('summary', JSON.parse(JSON.stringify(toSummary(report, audit, verdict))));
  });

  test('a key that the schema does not name is an error', async () => {
    const summary = JSON.parse(await readFile(join(EXAMPLE, 'summary.json'), 'utf8')) as object;
    expect(() => assertDocument('summary', { ...summary, later: 1 })).toThrow(/additional.*later/);
  });
});

/** A document as it is read, and valid. */
const READ: [DocumentName, AnyDefinition, object][] = [
  ['run', RUN, JSON.parse(encodeHeader(fullHeader())) as object],
  ['sample', SAMPLE, JSON.parse(encodeSample(fullSample())) as object],
  [
    'rounds',
    ROUNDS,
    {
      schemaVersion: 1,
      version: '0.1.0',
      name: 'two',
      started: '2025-11-24T09:41:05.000Z',
      endpoints: ['a', 'b'],
      rounds: 1,
      status: 'complete',
      runs: [{ round: 1, endpoint: 'a', seed: 1, run: 'a-1' }],
    },
  ],
  [
    'data-manifest',
    MANIFEST,
    {
      schemaVersion: 1,
      goodput: '0.1.0',
      output: { path: 'b.jsonl', sha256: '00', bytes: 9, format: 'goodput', sessions: 1 },
      sources: [{ path: 'a.jsonl', sha256: '11', bytes: 9, licence: null }],
      steps: [{ verb: 'sample', options: { count: 1 }, seed: 1, records_in: 2, records_out: 1 }],
      tokenizer: null,
    },
  ],
];

function fullHeader() {
  const thread = {
    event_loop_delay_p50_ms: 0,
    event_loop_delay_p95_ms: null,
    event_loop_delay_p99_ms: 5.5,
    stamp_delay_p99_ms: null,
    event_loop_delay_max_ms: 1.5,
    drain_delay_max_ms: 0.5,
    event_loop_utilization: 0.2,
    gc_pauses_ms: 3,
    gc_pause_max_ms: 1,
  };
  const { load } = headerOf();
  return headerOf({
    load: { ...load, burstiness: 0.5, stages: [{ from_rps: 1, to_rps: 2, for_s: 3 }] },
    window: { start_us: 0, end_us: 60_000_000 },
    phases: [{ name: 'measure', start_us: 0, end_us: 60_000_000 }],
    planned: 300,
    workers: [{ worker: 0, ...thread, connections_opened: 9 }],
    main: thread,
    process: { over_ms: 60_000, cpu_user_ms: 900, cpu_system_ms: 100 },
    probe: {
      tokens_per_word: 1.3,
      overhead_tokens: 8,
      note: null,
      requests: 2,
      limit: null,
      refused: { a: 'b' },
    },
    search: { number: 1, kind: 'bracket', level: 2, target: 0.9, ended: 'full' },
    notes: ['A note.'],
    status: 'failed',
    reason: 'r',
    stopped_by: 'gate',
  });
}

function fullSample() {
  return sampleOf(3, {
    released_us: 3001,
    n: [1, 2, 1],
    answer: 0,
    finish: 'stop',
    error: { message: 'late', code: '529', kind: 'idle', retry_after_ms: 5 },
    cached_tokens: 2,
    reasoning_tokens: 1,
    hidden_tokens: 1,
    usage_problem: 'x',
    words: 4,
    connect_us: 7,
    set_up: { dns_us: 1, tls_us: 2 },
    headers: { server: 'x' },
    replica: 1,
    http: '2',
    choices: 2,
    text: 't',
    usage: { total: 5 },
  });
}

const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  0,
  0.5,
  3,
  1e12,
  2 ** 53,
  1e300,
  Infinity,
  '',
  '12',
  'ok',
  'open',
  'gate',
  [],
  [0],
  ['a'],
  [null],
  {},
  { message: 'm' },
  { start_us: 0, end_us: 1 },
];

/** Replaces or removes one value at a random place. */
function mutate(document: unknown, below: (n: number) => number): void {
  let at = document as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = keys[below(keys.length)]!;
    const value = at[key];
    if (typeof value === 'object' && value !== null && below(3) > 0) {
      at = value as Record<string, unknown>;
      continue;
    }
    const replacement = VALUES[below(VALUES.length)];
    if (replacement === undefined && !Array.isArray(at)) delete at[key];
    else at[key] = structuredClone(replacement);
    return;
  }
}

function isRead(definition: AnyDefinition, document: unknown): boolean {
  try {
    decode(definition as Definition<unknown>, document);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return false;
  }
}

describe('the check on reading and the schema accept the same documents', () => {
  test.each(READ)('%s: 5,000 mutated documents', (name, definition, valid) => {
    const validate = validatorOf(name);
    expect(validate(valid)).toBe(true);
    const random = randomStream(12, `mutations of ${name}`);
    const counts = { accepted: 0, rejected: 0 };
    for (let k = 0; k < 5000; k++) {
      const document = structuredClone(valid);
      for (let times = 1 + random.below(2); times > 0; times--) mutate(document, random.below);
      const text = JSON.stringify(document);
      const isValid = validate(document);
      expect([text, isRead(definition, document)]).toEqual([text, isValid]);
      // A document that was read, with its defaults, is valid too.
      if (isValid) expect([text, validate(document)]).toEqual([text, true]);
      counts[isValid ? 'accepted' : 'rejected']++;
    }
    expect(Math.min(counts.accepted, counts.rejected)).toBeGreaterThan(250);
  });
});

const UNIT_OF_SUFFIX: Readonly<Record<string, RegExp>> = {
  _us: /microsecond/,
  _ms: /millisecond/,
  _ns: /nanosecond/,
  _s: /second/,
  _rps: /per second|req\/s/,
  _rpm: /per minute|req\/min/,
  _tps: /per second|tok\/s/,
  _pct: /percent/,
  _bytes: /bytes/,
};

test.each(DOCUMENT_NAMES)('every key of the schema of %s has a description with its unit', (name) => {
  const keys = [...keysOf(jsonSchemaOf(name))];
  expect(keys.length).toBeGreaterThanOrEqual(5);
  for (const [key, { description }] of keys) {
    expect([key, description]).toEqual([key, expect.stringMatching(/^.+\.$/)]);
    const suffix = Object.keys(UNIT_OF_SUFFIX).find((each) => key.endsWith(each));
    if (suffix !== undefined)
      expect([key, description]).toEqual([key, expect.stringMatching(UNIT_OF_SUFFIX[suffix]!)]);
  }
});
