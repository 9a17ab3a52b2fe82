import { expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { splitLaws } from '../../src/scenario/keys/law.ts';
import { formatLength, parseLength } from '../../src/scenario/keys/length-key.ts';
import { resolve } from './resolving.ts';

/** The one-line notation and the equivalent map. */
const FORMS = [
  ['512', '{ tokens: 512 }', '512'],
  ['constant:1k', '{ distribution: constant, tokens: 1000 }', '1000'],
  ['uniform:100-200', '{ distribution: uniform, min: 100, max: 200 }', 'uniform, from 100 to 200'],
  [
    'normal:512,100',
    '{ distribution: normal, mean: 512, stddev: 100 }',
    'normal, mean 512, stddev 100, at least 1',
  ],
  [
    'lognormal: 512 , 200.5, 16-4k',
    '{ distribution: lognormal, mean: 512, stddev: 200.5, min: 16, max: 4000 }',
    'lognormal, mean 512, stddev 200.5, from 16 to 4000',
  ],
  [
    'exponential:9,2-80',
    '{ distribution: exponential, mean: 9, min: 2, max: 80 }',
    'exponential, mean 9, from 2 to 80',
  ],
] as const;

test.each(FORMS)('%s is %s', (line, map, words) => {
  const ofMap = resolve(`workload: { input: ${map} }`).resolved;
  const ofLine = resolve(null, { 'input-tokens': line }).resolved;
  expect(ofLine.scenario.workload.input).toEqual(ofMap.scenario.workload.input);
  expect(formatLength(ofLine.scenario.workload.input)).toBe(words);
  expect(ofMap.values.find(({ path }) => path === 'workload.input')?.shown).toBe(words);
});

test.each([
  '',
  '0',
  '-5',
  '1.5',
  'normal:5',
  'normal:5,1,2',
  'normal:5,1,9-2',
  'uniform:9-2',
  'uniform:5',
  'uniform:1-2-3',
  'exponential:0.5',
  'exponential:9,1-8',
  'constant:5,1-9',
  'constant:1.5',
  'normal:5,-1',
  'lognormal:a,b',
  'gauss:1,2',
  '{ tokens: 5 }',
])('%j is no length', (text) => {
  expect(parseLength(text).ok).toBe(false);
});

test.each([
  ['256,1024', ['256', '1024']],
  ['uniform:60-90', ['uniform:60-90']],
  ['lognormal:512,200', ['lognormal:512,200']],
  ['lognormal:512,200,16-4096', ['lognormal:512,200,16-4096']],
  ['lognormal:512,200,256', ['lognormal:512,200', '256']],
  ['exponential:512,16-4096,1k', ['exponential:512,16-4096', '1k']],
  ['exponential:512,256', ['exponential:512', '256']],
  ['8, uniform: 60-90 , normal:5,1', ['8', 'uniform: 60-90', 'normal:5,1']],
  ['normal:5,uniform:1-2', ['normal:5', 'uniform:1-2']],
  ['8,', ['8', '']],
])('the list %j has the lengths %j', (text, lengths) => {
  expect(splitLaws(text)).toEqual(lengths);
});

test('lengths joined by commas are split again', () => {
  const random = randomStream(11, 'lists of lengths');
  const number = (): number => 1 + random.below(4000);
  const range = (): string => {
    const [least, most] = [number(), number()].toSorted((a, b) => a - b);
    return `${least}-${most}`;
  };
  const one = (): string => {
    const maybe = random.below(2) === 0 ? '' : `,${range()}`;
    const { [random.below(6)]: make } = [
      () => `${number()}`,
      () => `constant:${number()}`,
      () => `uniform:${range()}`,
      () => `normal:${number()},${number()}${maybe}`,
      () => `lognormal:${number()},${number()}${maybe}`,
      () => `exponential:${number()}${maybe}`,
    ];
    return make!();
  };
  for (let k = 0; k < 2000; k++) {
    const lengths = Array.from({ length: 1 + random.below(5) }, one);
    expect(splitLaws(lengths.join(','))).toEqual(lengths);
  }
});
