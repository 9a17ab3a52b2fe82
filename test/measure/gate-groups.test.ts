import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/dataset/model/session.ts';
import { checkGateGroups } from '../../src/measure/gate-groups.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { type Gate, parseGate } from '../../src/slo/grammar.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';

function gateOf(text: string): Gate {
  const gate = parseGate(text);
  if (!gate.ok) throw new Error(gate.problem[0]!.message);
  return gate.value;
}

interface Given {
  model?: string | null;
  models?: Record<string, number> | null;
  sessions?: object | null;
  data?: Session[];
}

/** Returns the problem of the gates of a plan; `null` if there is none. */
function problemOf(texts: readonly string[], given: Given): string | null {
  const { model = null, models = null, sessions = null, data } = given;
  const scenario = {
    gates: texts.map(gateOf),
    endpoint: { model, models },
    workload: { sessions },
  } as unknown as Scenario;
  try {
    checkGateGroups(scenario, data === undefined ? null : dataOf(...data));
    return null;
  } catch (error) {
    expect(error).toMatchObject({ kind: 'usage' });
    return (error as Error).message;
  }
}

const session = (tags: Record<string, string>, ...turns: Record<string, string>[]): Session => ({
  ...singleTurn({}),
  tags,
  turns: turns.flatMap((each) => singleTurn({ tags: each }).turns),
});
const DATA = [
  session({ source: 'a.jsonl' }, { language: 'en' }, { language: 'de' }),
  session({ source: 'b.jsonl' }, { kind: 'x' }),
];
const turns = (law: object): Given => ({ sessions: { turns: law } });

describe('a gate of a group that the plan', () => {
  it.each<[string, Given]>([
    ['ttft p95 by turn=0 <= 1s', {}],
    ['ttft p95 by turn=1 <= 1s', { data: DATA }],
    ['ttft p95 by turn=4 <= 1s', turns({ distribution: 'constant', tokens: 5 })],
    ['ttft p95 by turn=4 <= 1s', turns({ distribution: 'uniform', min: 1, max: 5 })],
    ['ttft p95 by turn=99 <= 1s', turns({ distribution: 'exponential', mean: 3, min: 1, max: null })],
    ['rps by source=b.jsonl >= 1', { data: DATA }],
    ['rps by language=de >= 1', { data: DATA }],
    ['rps by language=(none) >= 1', { data: DATA }],
    ['rps by model=a >= 1', { model: 'a' }],
    ['rps by model=a >= 1', { models: { a: 0.5, b: 0.5 } }],
    // The endpoint chooses the model.
    ['rps by model=anything >= 1', {}],
    ['rps by model=a >= 1', { model: 'b', data: [session({ model: 'a' }, {})] }],
    // The server counts the tokens.
    ['rps by input_tokens=128-255 >= 1', {}],
    ['rps >= 1', {}],
  ])('can have is no mistake: %s, %j', (text, given) => {
    expect(problemOf([text], given)).toBeNull();
  });

  it.each<[string, Given, RegExp]>([
    ['ttft p95 by turn=1 <= 1s', {}, /no session has turn 1.*one turn/],
    ['ttft p95 by turn=2 <= 1s', { data: DATA }, /at most 2 turns/],
    ['ttft p95 by turn=5 <= 1s', turns({ distribution: 'uniform', min: 1, max: 5 }), /at most 5 turns/],
    ['rps by source=c.jsonl >= 1', { data: DATA }, /source "c.jsonl"; did you mean a.jsonl\?/],
    ['rps by source=other >= 1', { data: DATA }, /source "other"; there are a.jsonl, b.jsonl/],
    ['rps by sorce=a.jsonl >= 1', { data: DATA }, /the tag "sorce"; did you mean source\?/],
    ['rps by trun=1 >= 1', {}, /the tag "trun"; did you mean turn\?/],
    ['rps by source=a.jsonl >= 1', {}, /the tag "source"/],
    ['rps by model=c >= 1', { models: { base: 0.5, lora: 0.5 } }, /model "c"; there are base, lora/],
    ['rps by constructor=c >= 1', { data: DATA }, /the tag "constructor"/],
  ])('cannot have is a mistake before anything is sent: %s, %j', (text, given, message) => {
    expect(problemOf(['attainment >= 1%', text], given)).toMatch(message);
    expect(problemOf(['attainment >= 1%', text], given)).toMatch(/^gates\[1\]: /);
  });

  it('reports every gate', () => {
    expect(problemOf(['rps by turn=1 >= 1', 'rps by turn=2 >= 1'], {})!.split('\n')).toHaveLength(2);
  });
});
