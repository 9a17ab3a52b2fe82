import { randomStream } from '../random.ts';

/** The values of one axis of a sweep, as the scenario has them. */
export interface AxisValues {
  axis: string;
  values: readonly unknown[];
}

/** One run of a sweep. */
export interface SweepRun {
  /** 1, 2, 3 … in the order as written; repeats of a point follow one another. */
  number: number;
  point: number;
  /** 1, 2 … */
  repeat: number;
  /** The same for all points of one repeat: they have the same requests at other loads. */
  seed: number;
  /** Axis → index of its value. */
  at: Readonly<Record<string, number>>;
}

export interface SweepShape {
  axes: readonly AxisValues[];
  combine: 'grid' | 'zip';
  repeats: number;
  seed: number;
}

/** Returns every run of a sweep in the written order: the last axis changes fastest. */
export function runsOf({ axes, combine, repeats, seed }: SweepShape): SweepRun[] {
  const points =
    combine === 'zip'
      ? (axes[0]?.values ?? []).map((_, k) => Object.fromEntries(axes.map(({ axis }) => [axis, k])))
      : grid(axes);
  return points.flatMap((at, point) =>
    Array.from({ length: repeats }, (_, repeat) => ({
      number: point * repeats + repeat + 1,
      point: point + 1,
      repeat: repeat + 1,
      seed: seed + repeat,
      at,
    })),
  );
}

function grid(axes: readonly AxisValues[]): Record<string, number>[] {
  return axes.reduce<Record<string, number>[]>(
    (points, { axis, values }) => points.flatMap((point) => values.map((_, k) => ({ ...point, [axis]: k }))),
    [{}],
  );
}

/**
 * Returns the runs in the order of time: shuffled by the seed (Fisher and Yates), repeat by repeat. A server that drifts during the sweep
 * then adds noise, and no slope along an axis.
 */
export function inOrder(runs: readonly SweepRun[], order: 'random' | 'written', seed: number): SweepRun[] {
  if (order === 'written') return [...runs];
  const random = randomStream(seed, 'order of a sweep');
  const shuffled = (list: readonly SweepRun[]): SweepRun[] => {
    const all = [...list];
    for (let k = all.length - 1; k > 0; k--) {
      const other = random.below(k + 1);
      [all[k], all[other]] = [all[other]!, all[k]!];
    }
    return all;
  };
  const repeats = Math.max(0, ...runs.map(({ repeat }) => repeat));
  return Array.from({ length: repeats }, (_, k) =>
    shuffled(runs.filter(({ repeat }) => repeat === k + 1)),
  ).flat();
}
