import type { ComparedFigure, Comparison } from '../compare/document.ts';
import type { Compared } from '../compare/ranking.ts';

/** Two endpoints set against each other, whether two were compared or several ranked. */
export interface Pair extends Pick<Comparison, 'metrics' | 'rates' | 'verdict'> {
  base: string;
  new: string;
}

/** Every pair; the first endpoint's come first. */
export const pairsOf = (found: Compared): readonly Pair[] =>
  'ranking' in found
    ? found.pairs
    : [{ ...found, base: found.base.name ?? 'base', new: found.new.name ?? 'new' }];

export interface NamedFigure {
  /** `ttft mean`, `attainment`. */
  name: string;
  figure: ComparedFigure;
}

/** Every figure of a pair: those of the run, then those of its distributions. */
export const figuresOf = ({ metrics, rates }: Pick<Pair, 'metrics' | 'rates'>): NamedFigure[] => [
  ...Object.entries(rates).map(([name, figure]) => ({ name, figure })),
  ...Object.entries(metrics).flatMap(([metric, figures]) =>
    Object.entries(figures).map(([aggregation, figure]) => ({ name: `${metric} ${aggregation}`, figure })),
  ),
];
