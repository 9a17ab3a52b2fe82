import type { ComparedFigure, ComparedSide, Comparison } from '../../compare/comparison-document.ts';
import type { Compared } from '../../compare/ranking.ts';
import { sideNames } from '../../compare/side-names.ts';

/** Two endpoints that are compared, on their own or within a ranking. */
export interface Pair extends Pick<Comparison, 'metrics' | 'rates' | 'verdict'> {
  /** Their names, as `namedSides` has them. */
  base: string;
  new: string;
  sides: { base: ComparedSide; new: ComparedSide };
}

export interface NamedSide {
  name: string;
  side: ComparedSide;
}

/** Returns all sides in their order, with the names that reports use. */
export function namedSides(found: Compared): NamedSide[] {
  if ('ranking' in found) return found.endpoints.map((side) => ({ name: side.name, side }));
  const [base, next] = sideNames(found.base, found.new);
  return [
    { name: base, side: found.base },
    { name: next, side: found.new },
  ];
}

/** Returns every pair, those with the first endpoint first. */
export function pairsOf(found: Compared): readonly Pair[] {
  const named = namedSides(found);
  if (!('ranking' in found)) {
    const [base, next] = named as [NamedSide, NamedSide];
    return [{ ...found, base: base.name, new: next.name, sides: { base: base.side, new: next.side } }];
  }
  const sideOf = (name: string): ComparedSide => named.find((each) => each.name === name)!.side;
  return found.pairs.map((pair) => ({ ...pair, sides: { base: sideOf(pair.base), new: sideOf(pair.new) } }));
}

export const isShortPair = ({ sides }: Pick<Pair, 'sides'>): boolean =>
  [sides.base, sides.new].some((side) => shortRunsOf(side) > 0);

export const shortRunsOf = ({ runs }: ComparedSide): number => runs.filter(({ short }) => short).length;

export interface NamedFigure {
  /** `ttft mean`, `attainment`. */
  name: string;
  figure: ComparedFigure;
}

/** Returns every figure of a pair: those of the run, then those of its distributions. */
export const figuresOf = ({ metrics, rates }: Pick<Pair, 'metrics' | 'rates'>): NamedFigure[] => [
  ...Object.entries(rates).map(([name, figure]) => ({ name, figure })),
  ...Object.entries(metrics).flatMap(([metric, figures]) =>
    Object.entries(figures).map(([aggregation, figure]) => ({ name: `${metric} ${aggregation}`, figure })),
  ),
];
