import { randomStream } from '../random.ts';

/** A list that a sweep goes through: each value as the reader knows it. */
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
  /** The same for all points of one repeat: they are asked the same requests at other loads. */
  seed: number;
  /** Axis → which of its values. */
  at: Readonly<Record<string, number>>;
}

export interface SweepShape {
  axes: readonly AxisValues[];
  combine: 'grid' | 'zip';
  repeats: number;
  seed: number;
}

/** Every run of a sweep in the order as written: the last axis changes fastest. */
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
 * The order in time. Shuffled by the seed (Fisher and Yates), repeat by repeat: a server that drifts while the sweep goes on
 * then makes noise, and not a slope along an axis.
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
