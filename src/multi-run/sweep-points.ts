import { levelText } from '../load-text.ts';
import { join } from 'node:path';
import { formatLength } from '../scenario/keys/length-key.ts';
import type { Flags } from '../scenario/keys/option-table.ts';
import { type PointValue, resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { Resolved, Sweep } from '../scenario/keys/scenario.ts';
import { AXES, type SweepAxis } from '../scenario/keys/sweep-keys.ts';
import type { SweepPoint } from '../sweep/sweep-document.ts';
import type { SweepRun } from '../sweep/points.ts';

/** Returns the axes of a sweep, in the order of the scenario's keys. */
const axesOf = (sweep: Sweep): SweepAxis[] =>
  (Object.keys(AXES) as SweepAxis[]).filter((axis) => sweep[axis].length > 0);

/** Returns the sweep in the form that `runsOf` takes. */
export const shapeOf = (sweep: Sweep) => ({
  axes: axesOf(sweep).map((axis) => ({ axis, values: sweep[axis] })),
  combine: sweep.combine,
  repeats: sweep.repeats,
});

/**
 * Returns the sources of one run of the sweep: the values of its point replace the lists.
 * @throws {GoodputError} kind `usage` if the point is not a valid scenario
 */
export function pointOf(
  run: SweepRun,
  sources: ScenarioSources,
  { echo }: Resolved,
  dir: string,
): ScenarioSources {
  const lists = echo['sweep'] as Readonly<Record<string, readonly unknown[]>>;
  const point = Object.entries(run.at).map(([axis, at]): PointValue => ({
    path: AXES[axis as SweepAxis],
    written: lists[axis]![at],
  }));
  const out = join(
    dir,
    `point-${String(run.point).padStart(3, '0')}${run.repeat > 1 ? `-repeat-${run.repeat}` : ''}`,
  );
  const flags: Flags = { ...sources.flags, seed: String(run.seed), out };
  const at = { ...sources, flags, point };
  resolveScenario(at);
  return at;
}

/** Returns the values of a run's axes as the report lists them. */
export function listed(run: SweepRun, sweep: Sweep): Omit<SweepPoint, 'run' | 'status' | 'summary'> {
  const { point, repeat, seed, at } = run;
  const length = (axis: 'input' | 'output'): number | string | null => {
    const value = at[axis] === undefined ? undefined : sweep[axis][at[axis]];
    if (value === undefined) return null;
    return value.distribution === 'constant' ? value.tokens : formatLength(value);
  };
  return {
    point,
    repeat,
    seed,
    rate_rps: at['rate'] === undefined ? null : sweep.rate[at['rate']]!,
    concurrency: at['concurrency'] === undefined ? null : sweep.concurrency[at['concurrency']]!,
    input_tokens: length('input'),
    output_tokens: length('output'),
  };
}

/** Returns the values of a run's axes in words: `4 req/s, output 64`, with sessions of several turns `4 sessions/s, output 64`. */
export function axesText(run: SweepRun, sweep: Sweep, hasTurns: boolean): string {
  const { rate_rps, concurrency, input_tokens, output_tokens } = listed(run, sweep);
  const level = levelText({ rate_rps, concurrency, ...(hasTurns ? { unit: 'sessions' } : {}) });
  return [
    ...(level === null ? [] : [level]),
    ...(input_tokens === null ? [] : [`input ${input_tokens}`]),
    ...(output_tokens === null ? [] : [`output ${output_tokens}`]),
    ...(sweep.repeats > 1 ? [`repeat ${run.repeat}`] : []),
  ].join(', ');
}
