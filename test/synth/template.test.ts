import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFields } from '../../src/synth/fields.ts';
import { PromptTemplate } from '../../src/synth/prompt-template.ts';
import { randomStream } from '../../src/random.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goodput-fields-'));
  await writeFile(join(folder, 'words.txt'), 'red\r\n\ngreen\nblue\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fieldsOf(text: string): ReturnType<typeof readFields> {
  const path = join(folder, 'fields.yaml');
  await writeFile(path, text);
  return readFields(path);
}

/** The values of a field in 2,000 records. */
async function drawn(spec: string): Promise<string[]> {
  const field = (await fieldsOf(`x: ${spec}`)).fields.get('x')!;
  return Array.from({ length: 2000 }, (_, i) => field(randomStream(1, 'field x', i)));
}
const shareOf = (values: readonly string[], value: string): number =>
  values.filter((each) => each === value).length / values.length;

it('a field is one of a list, of the lines of a file, or of weighted values', async () => {
  for (const [spec, values] of [
    ['[red, green, blue]', ['red', 'green', 'blue']],
    ['{file: words.txt}', ['red', 'green', 'blue']],
  ] as const) {
    const all = await drawn(spec);
    expect([...new Set(all)].toSorted()).toEqual(values.toSorted());
    for (const value of values) expect(shareOf(all, value)).toBeCloseTo(1 / 3, 1);
  }
  const weighted = await drawn('{weights: {often: 75%, seldom: 25%, never: 0}}');
  expect(shareOf(weighted, 'often')).toBeCloseTo(0.75, 1);
  expect(shareOf(weighted, 'seldom')).toBeCloseTo(0.25, 1);
  expect(weighted).not.toContain('never');
  expect(new Set(await drawn('just this'))).toEqual(new Set(['just this']));
});

it('a field is a number between two, both included', async () => {
  const whole = await drawn('{from: -1, to: 1}');
  expect([...new Set(whole)].toSorted()).toEqual(['-1', '0', '1'].toSorted());
  const cents = await drawn('{from: 0.1, to: 0.3, decimals: 1}');
  expect([...new Set(cents)].toSorted()).toEqual(['0.1', '0.2', '0.3']);
});

it('a field is made by Faker, the same for a seed', async () => {
  const names = await drawn('{faker: person.fullName, locale: de}');
  expect(await drawn('{faker: person.fullName, locale: de}')).toEqual(names);
  expect(new Set(names).size).toBeGreaterThan(1000);
  for (const price of await drawn('{faker: number.int, args: {min: 3, max: 5}}'))
    expect(['3', '4', '5']).toContain(price);
});

it('the sources are the file and those that it names', async () => {
  const { files } = await fieldsOf('a: [1]\nb: {file: words.txt}\n');
  expect(files.map(({ path }) => path)).toEqual([join(folder, 'fields.yaml'), join(folder, 'words.txt')]);
});

it.each([
  ['a: [1]\nb: []\n', /fields\.yaml:2: .*"b".*no value/],
  ['a: {file: none.txt}', /none\.txt.*ENOENT/],
  ['a: {from: 3}', /"a".*from.*to/],
  ['a: {from: 3, to: 2}', /"a".*from.*to/],
  ['a: {from: 0.1, to: 0.2}', /no number with 0 decimals/],
  ['a: {from: 1, to: 2, decimal: 1}', /"decimal".*did you mean "decimals"/],
  ['a: {weights: {x: -1}}', /"x".*-1/],
  ['a: {weights: {x: 0}}', /above 0/],
  ['a: {faker: person.fulName}', /did you mean "person.fullName"/],
  ['a: {faker: constructor.constructor}', /no method/],
  ['a: {faker: person.fullName, locale: dee}', /locale.*did you mean "de"/],
  ['a: {faker: number.int, args: {min: 5, max: 2}}', /number\.int.*min 5/],
  ['a: {other: 1}', /expected a list, or a map with weights/],
  ['- a', /not a map/],
  ['a: [1', /fields\.yaml:\d/],
  ['{}', /no field/],
])('%s is an error at its place', async (text, message) => {
  await expect(fieldsOf(text)).rejects.toThrow(message);
});

it('a template has the value of a field at each of its places, and any other text as it is', () => {
  let calls = 0;
  const template = new PromptTemplate('t.txt', '{{a}} {{ b }} {{a}} {{ 1 }} {a} {% if %}\n', ['a', 'b', 'c']);
  expect(template.fill((name) => `<${name}${++calls}>`)).toBe('<a1> <b2> <a1> {{ 1 }} {a} {% if %}');
  expect([...template.used]).toEqual(['a', 'b']);
});

it('a place without a field, and a template without places, are errors', () => {
  expect(() => new PromptTemplate('t.txt', 'x\n{{colour}} {{nmae}}', ['name', 'colour'])).toThrow(
    /t\.txt:2: .*"nmae".*did you mean "name"/,
  );
  expect(() => new PromptTemplate('t.txt', 'no place', ['name'])).toThrow(/t\.txt: .*no place/);
});
