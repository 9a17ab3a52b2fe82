import { z } from 'zod';
import { count, keyInfo, oneOf, rate } from './fields.ts';
import type { Located } from './issues.ts';
import { length } from './length-key.ts';
import { isMap, type Tree } from './map.ts';

/** The axes of a sweep, and the key of a scenario that each one sets. */
export const AXES = {
  rate: 'load.rate',
  concurrency: 'load.concurrency',
  input: 'workload.input',
  output: 'workload.output',
} as const;

export type SweepAxis = keyof typeof AXES;

/** More points than anyone waits for are a mistake. */
const MOST_POINTS = 1000;
const MOST_REPEATS = 100;

const list = <T extends z.ZodType>(each: T, what: string, description: string, examples: unknown[]) =>
  z
    .array(each, { error: `a list of ${what}` })
    .min(1, { error: `a list of ${what} that is not empty` })
    .meta({ description, examples })
    .register(keyInfo, { type: `list of ${what}` });

export const sweepSchema = z
  .strictObject(
    {
      rate: list(rate('Requests per unit of time.'), 'rates', 'Rates instead of `load.rate`.', [
        ['1/s', '2/s', '4/s'],
      ]).optional(),
      concurrency: list(
        count('Requests in flight.', { min: 1, max: 100_000 }),
        'counts',
        'Numbers of requests in flight instead of `load.concurrency`.',
        [[1, 4, 16]],
      ).optional(),
      input: list(length('Length of the input.'), 'lengths', 'Input lengths instead of `workload.input`.', [
        [256, 1024],
      ]).optional(),
      output: list(length('Tokens asked for.'), 'lengths', 'Output lengths instead of `workload.output`.', [
        [64, 256],
      ]).optional(),
      combine: oneOf(
        ['grid', 'zip'],
        '`grid`: every value of each list with every one of the others. `zip`: the first of each, the second of each, and so on.',
      ).prefault('grid'),
      repeats: count('How often each point is measured, each time with a seed of its own.', {
        min: 1,
        max: MOST_REPEATS,
      }).prefault(1),
      order: oneOf(
        ['random', 'written'],
        'The order in time: shuffled by the seed, so that a drift of the server falls on no axis; or as written.',
      ).prefault('random'),
    },
    { error: 'a map with lists, like { rate: [1/s, 2/s, 4/s] }' },
  )
  .meta({
    description:
      'Several runs in one: lists of loads or lengths. By `goodput sweep`, or `run` and `simulate`.',
  });

/** Rules between the lists, over what was written. */
export function brokenSweep(tree: Tree): Located[] {
  const { sweep } = tree;
  if (!isMap(sweep)) return [];
  const found: Located[] = [];
  const report = (path: string[], wrong: string, expected: string): unknown =>
    found.push({ path, problem: { wrong, expected, atKey: true } });
  const lists = Object.keys(AXES).flatMap((axis) => {
    const values = sweep[axis];
    return Array.isArray(values) ? [{ axis, length: values.length }] : [];
  });
  const declared = Object.keys(AXES).some((axis) => sweep[axis] !== undefined);
  if (!declared)
    report(['sweep'], 'has nothing to go through', `a list under ${Object.keys(AXES).join(', ')}`);
  if (sweep['rate'] !== undefined && sweep['concurrency'] !== undefined)
    report(['sweep', 'concurrency'], 'cannot be combined with sweep.rate', 'one of them');
  const load = isMap(tree['load']) ? tree['load'] : {};
  const workload = isMap(tree['workload']) ? tree['workload'] : {};
  for (const axis of ['rate', 'concurrency']) {
    if (sweep[axis] === undefined) continue;
    for (const key of ['rate', 'stages', 'concurrency'])
      if (load[key] !== undefined)
        report(['load', key], `cannot be combined with sweep.${axis}, which gives the load`, 'one of them');
  }
  for (const axis of ['input', 'output'])
    if (sweep[axis] !== undefined && workload[axis] !== undefined)
      report(['workload', axis], `cannot be combined with sweep.${axis}`, 'one of them');
  if (sweep['input'] !== undefined && workload['prompts'] !== undefined)
    report(
      ['sweep', 'input'],
      'cannot be combined with workload.prompts, which has its own input',
      'one of them',
    );
  const lengths = lists.map(({ length }) => length);
  const zipped = sweep['combine'] === 'zip';
  if (zipped && new Set(lengths).size > 1)
    report(
      ['sweep', 'combine'],
      'zip needs lists of one length',
      `as many values in each; they have ${lengths.join(', ')}`,
    );
  const points = zipped ? Math.max(0, ...lengths) : lengths.reduce((product, each) => product * each, 1);
  if (points > MOST_POINTS)
    report(['sweep', lists.at(-1)!.axis], `the sweep has ${points} points`, `at most ${MOST_POINTS}`);
  return found;
}
