import { expect, test } from 'vitest';
import { readScenarioFile } from '../../src/scenario/file.ts';
import { FILE, inOrder, marked, mistakes, resolve } from './resolving.ts';

const TAB = 'a tab indents … spaces';

/** YAML's own mistakes: a mark for each, in order, and the key parts of the message. */
const BROKEN: readonly [string, readonly string[]][] = [
  ['load:\n¦\trate: 5/s', [TAB]],
  ['load:\n¦\trate: 5/s\n¦\twarmup: 1s', [TAB, TAB]],
  ['load:\n¦\trate: 5/s\n  warmup: 1s', [TAB]],
  ['load:\n  rate: 5/s\n¦load:\n  warmup: 1s', ['duplicate key "load"']],
  ['load: { rate: 5/s, ¦rate: 6/s }', ['duplicate key "rate"']],
  ['¦- load', ['not a map … endpoint, workload and load']],
  ['¦just text', ['not a map … endpoint, workload and load']],
  ['seed: 1\n¦---\nseed: 2', ['second YAML document']],
  ['name: ¦*nobody', ['anchor &nobody']],
];

test.each(BROKEN)('%j', (written, said) => {
  const { text, places } = marked(written);
  const lines = mistakes(text);
  expect(lines).toHaveLength(said.length);
  for (const [at, parts] of said.entries())
    expect(lines[at]).toMatch(inOrder(`${FILE}:${places[at]}: … ${parts}`));
});

test('the other mistakes of a file with a tab and a duplicate key are reported too', () => {
  const { text, places } = marked('load:\n¦\trate: ¦5/x\n  warmup: ¦10\n¦lod: 1\nseed: 1\n¦seed: 2');
  const lines = mistakes(text);
  expect(lines.map((line) => line.split(': ')[0])).toEqual(places.map((place) => `${FILE}:${place}`));
  expect(lines[0]).toMatch(inOrder(`… ${TAB}`));
  expect(lines.at(-1)).toContain('duplicate key');
});

test('for a file that is not valid YAML, only that and mistakes in flags are reported', () => {
  const lines = mistakes('load: [1, 2\nlod: 5', { rate: 'x' });
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.slice(0, -1).every((line) => /^some\/chat\.yaml:\d+:\d+: YAML: /.test(line))).toBe(true);
  expect(lines.at(-1)).toBe('--rate: got "x"; expected a rate, like 5/s or 300/min');
});

test('a reference within braces needs no quotes and does not change the positions after it', () => {
  const file = readScenarioFile('chat.yaml', 'endpoint: { url: "${URL}", apiKey: ${KEY}, modle: a }');
  expect(file.mistakes).toEqual([]);
  expect(file.tree).toEqual({ endpoint: { url: '${URL}', apiKey: '${KEY}', modle: 'a' } });
  expect(file.locate(['endpoint', 'modle'], 'key')).toEqual({ line: 1, column: 44 });
});

test('only the first error of a text that is not YAML is reported', () => {
  const { mistakes } = readScenarioFile(
    'chat.yaml',
    'load: { rate: 5/s }}\nslo: { ttft: 200ms }\ngates: [a, b]\n',
  );
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]!.position).toEqual({ line: 1, column: 20 });
});

test('quotations in YAML errors are removed', () => {
  for (const text of [
    'apiKey: "sk-secret',
    'a: @sk-secret',
    'a: [sk-secret',
    '{ sk-secret } sk-secret',
    '%sk-secret\n',
    'a: !sk-secret b',
    'a: "\\sk-secret"',
    'a: |sk-secret\n  b',
    'a: !<sk-secret b',
  ]) {
    const said = mistakes(text).join('\n');
    expect(said).not.toContain('sk-secret');
  }
});

test('anchors, merges, JSON, comments alone and a byte order mark are fine', () => {
  const anchored = resolve('workload:\n  input: &length { tokens: 7 }\n  output: *length').resolved.scenario
    .workload;
  expect(anchored).toMatchObject({ input: { tokens: 7 }, output: { tokens: 7 } });
  const merged = resolve(
    'workload:\n  input: &l { mean: 9, stddev: 1, distribution: normal }\n  output: { <<: *l, mean: 8 }',
  );
  expect(merged.resolved.scenario.workload.output).toMatchObject({ mean: 8, stddev: 1 });
  expect(resolve('{"seed": 5, "load": {"rate": "3/s"}}').resolved.scenario).toMatchObject({
    seed: 5,
    load: { rate: 3 },
  });
  expect(resolve('\uFEFF# nothing yet\n').resolved.scenario.endpoint.simulated).toBe(true);
  expect(resolve('').resolved.scenario.endpoint.simulated).toBe(true);
});

test('a mistake in an alias has the position of the anchored value', () => {
  const { text, places } = marked('load: { warmup: &t ¦10, drain: *t }');
  expect(mistakes(text)[0]).toContain(`${FILE}:${places[0]}: load.warmup: got 10`);
});

test('a section in which everything is commented out counts as absent', () => {
  const { scenario } = resolve('endpoint:\nload:\n  rate:\n  # rate: 5/s\nslo:\ngates:').resolved;
  expect(scenario).toMatchObject({ endpoint: { simulated: true }, load: { rate: 2 }, slo: [], gates: [] });
});

test('a null inside a body is kept', () => {
  const { scenario } = resolve('endpoint: { url: simulated, body: { stop: null } }').resolved;
  expect(scenario.endpoint.body).toEqual({ stop: null });
});

test('Windows line ends do not change positions', () => {
  const { text, places } = marked('seed: 1\nload:\n  rate: ¦x\n');
  expect(mistakes(text.replaceAll('\n', '\r\n'))[0]).toContain(`${FILE}:${places[0]}: `);
});
