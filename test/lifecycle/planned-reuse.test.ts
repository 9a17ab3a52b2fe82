import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Session, Turn } from '../../src/dataset/model/session.ts';
import { PlannedReuse } from '../../src/lifecycle/planned-reuse.ts';
import { PROMPT_FILE } from '../../src/scenario/build.ts';
import type { Workload } from '../../src/scenario/keys/scenario.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import { sampleOf } from '../record/builders.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';

interface Vectors {
  reusable: {
    block: number;
    requests: { hash_ids: number[]; input: number }[];
    expect: { each: number[] };
  }[];
}

const { reusable } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'vectors', 'workloads.json'), 'utf8'),
) as Vectors;

const WORKLOAD: Workload = {
  input: { distribution: 'constant', tokens: 5 },
  output: { distribution: 'constant', tokens: 5 },
  exactOutput: false,
  prefix: null,
  sessions: null,
  data: { ...PROMPT_FILE, files: ['trace.jsonl'], order: 'file' },
};

/** Returns a function from the number of a request to its planned reusable tokens. */
function reuseOf(data: ReturnType<typeof dataOf>): (i: number) => number | undefined {
  const reuse = PlannedReuse.of(openWorkload({ seed: 1, workload: WORKLOAD }, { data }), data)!;
  return (i) => {
    const sample = sampleOf(i);
    reuse.addTo(sample);
    return sample.planned_reusable;
  };
}

const turnOf = ({ hash_ids, input }: { hash_ids: number[]; input: number }) => ({
  messages: null,
  input_tokens: input,
  hash_ids,
});

it.each(reusable)('requests reuse the blocks of earlier requests of the plan %#', (vector) => {
  const { block, requests, expect: expected } = vector;
  const data = { ...dataOf(...requests.map((each) => singleTurn(turnOf(each)))), blockTokens: block };
  const inOrder = reuseOf(data);
  expect(requests.map((_, i) => inOrder(i))).toEqual(expected.each);
  // Requests end in any order, and the order of the plan counts.
  const backwards = reuseOf(data);
  expect(requests.map((_, i) => backwards(requests.length - 1 - i)).toReversed()).toEqual(expected.each);
  // In a second pass through the data every block is known.
  const again = inOrder(requests.length);
  expect(again).toBe(Math.min(requests[0]!.input, requests[0]!.hash_ids.length * block));
});

const sessionOf = (...turns: Partial<Turn>[]): Session => ({
  ...singleTurn({}),
  turns: turns.flatMap((turn) => singleTurn(turn).turns),
});

it('requests are numbered by the turns of all earlier sessions, and texts have no reuse', () => {
  const data = dataOf(
    sessionOf(turnOf({ hash_ids: [1], input: 512 }), turnOf({ hash_ids: [1, 2], input: 900 })),
    sessionOf({}, turnOf({ hash_ids: [1, 2, 3], input: 1500 })),
  );
  const each = reuseOf(data);
  expect([0, 1, 2, 3].map((i) => each(i))).toEqual([0, 512, undefined, 1024]);
});

it('data without block ids has none', () => {
  const data = dataOf(singleTurn({ messages: null, input_tokens: 5 }));
  expect(PlannedReuse.of(openWorkload({ seed: 1, workload: WORKLOAD }, { data }), data)).toBeNull();
});
