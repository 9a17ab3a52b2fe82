import { z } from 'zod';
import { count, keyInfo, oneOf, rate } from './fields.ts';
import type { Located } from './problem.ts';
import { length } from './length-key.ts';
import { isMap, type Tree } from './map.ts';

/** The axes of a sweep and the scenario key that each one sets. */
export const AXES = {
  rate: 'load.rate',
  concurrency: 'load.concurrency',
  input: 'workload.input',
  output: 'workload.output',
} as const;

export type SweepAxis = keyof typeof AXES;

/** The most points of a sweep; more are taken to be a mistake. */
const MOST_POINTS = 1000;
const MOST_REPEATS = 100;

const list = <T extends z.ZodType>(each: T, what: string, description: string, examples: unknown[]) =>
  z
    .array(each, { error: `a list of ${what}` })
    .min(1, { error: `a non-empty list of ${what}` })
    .meta({ description, examples })
    .register(keyInfo, { type: `list of ${what}` });

export const sweepSchema = z
  .strictObject(
    {
      rate: list(rate('Requests per unit of time.'), 'rates', 'Rates, instead of `load.rate`.', [
        ['1/s', '2/s', '4/s'],
      ]).optional(),
      concurrency: list(
        count('Requests in flight.', { min: 1, max: 100_000 }),
        'counts',
        'Requests in flight, instead of `load.concurrency`.',
        [[1, 4, 16]],
      ).optional(),
      input: list(length('Length of the input.'), 'lengths', 'Input lengths, instead of `workload.input`.', [
        [256, 1024],
      ]).optional(),
      output: list(
        length('Requested output tokens.'),
        'lengths',
        'Output lengths, instead of `workload.output`.',
        [[64, 256]],
      ).optional(),
      combine: oneOf(
        ['grid', 'zip'],
        '`grid`: all combinations of the lists. `zip`: the first value of each list, then the second of each, and so on.',
      ).prefault('grid'),
      repeats: count('Number of runs per point, each with its own seed.', {
        min: 1,
        max: MOST_REPEATS,
      }).prefault(1),
      order: oneOf(
        ['random', 'written'],
        'Order of the runs: shuffled by the seed, so that a drift of the server is not confounded with an axis, or as written.',
      ).prefault('random'),
    },
    { error: 'a map with lists, like { rate: [1/s, 2/s, 4/s] }' },
  )
  .meta({
    description: 'Several runs: lists of loads or lengths. For `goodput sweep`, `run` and `simulate`.',
  });

/** Returns true if the tree has a sweep with a list. */
export const hasAxes = ({ sweep }: Tree): boolean =>
  isMap(sweep) && Object.keys(AXES).some((axis) => sweep[axis] !== undefined);

/** Checks which lists may be combined, on the values as written. */
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
  if (!hasAxes(tree)) report(['sweep'], 'has no list', `a list under one of ${Object.keys(AXES).join(', ')}`);
  if (sweep['rate'] !== undefined && sweep['concurrency'] !== undefined)
    report(['sweep', 'concurrency'], 'cannot be combined with sweep.rate', 'one of them');
  const load = isMap(tree['load']) ? tree['load'] : {};
  const workload = isMap(tree['workload']) ? tree['workload'] : {};
  for (const axis of ['rate', 'concurrency']) {
    if (sweep[axis] === undefined) continue;
    for (const key of ['rate', 'stages', 'concurrency'])
      if (load[key] !== undefined)
        report(['load', key], `cannot be combined with sweep.${axis}, which sets the load`, 'one of them');
  }
  for (const axis of ['input', 'output'])
    if (sweep[axis] !== undefined && workload[axis] !== undefined)
      report(['workload', axis], `cannot be combined with sweep.${axis}`, 'one of them');
  for (const source of ['prompts', 'data', 'sessions'])
    if (sweep['input'] !== undefined && workload[source] !== undefined)
      report(
        ['sweep', 'input'],
        `cannot be combined with workload.${source}, which sets the input`,
        'one of them',
      );
  const lengths = lists.map(({ length }) => length);
  const zipped = sweep['combine'] === 'zip';
  if (zipped && new Set(lengths).size > 1)
    report(
      ['sweep', 'combine'],
      'zip needs lists of equal length',
      `the same number of values in each; they have ${lengths.join(', ')}`,
    );
  const points = zipped ? Math.max(0, ...lengths) : lengths.reduce((product, each) => product * each, 1);
  if (points > MOST_POINTS)
    report(['sweep', lists.at(-1)!.axis], `the sweep has ${points} points`, `at most ${MOST_POINTS}`);
  return found;
}
