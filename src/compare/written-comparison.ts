import { codesOf, textsOf } from '../analysis/note.ts';
import type { Comparison } from './comparison-document.ts';
import type { Compared, RankedComparison } from './ranking.ts';
import type { InvalidReason, Warning } from './warning.ts';

/** A verdict as `--json` prints it: the reasons are texts, with their codes in a list of the same order. */
type WrittenVerdict<V> = Omit<V, 'reasons'> & { reasons: string[]; reason_codes: InvalidReason['code'][] };

/** A comparison as `--json` prints it: the warnings are texts, with their codes in a list of the same order. */
type Written<C extends Compared> = Omit<C, 'warnings' | 'verdict' | 'pairs'> & {
  warnings: string[];
  warning_codes: Warning['code'][];
  verdict: WrittenVerdict<C['verdict']>;
};

/** The document of `goodput compare --json` for two endpoints. A contract: see `schemaVersion`. */
export type ComparisonDocument = Written<Comparison>;

type RankedPair = RankedComparison['pairs'][number];

/** The document for more endpoints. */
export type RankedDocument = Written<RankedComparison> & {
  pairs: (Omit<RankedPair, 'verdict'> & { verdict: WrittenVerdict<RankedPair['verdict']> })[];
};

/** The document of a comparison, of two endpoints or of more. */
export type ComparedDocument = ComparisonDocument | RankedDocument;

/** Returns the document of a comparison, with its keys in the order in which people read them. */
export function toComparisonDocument(found: Compared): ComparedDocument {
  if (!('ranking' in found)) return written(found);
  const { simulated, schemaVersion, strength, endpoints, ranking, pairs, ...rest } = found;
  return {
    ...(simulated === undefined ? {} : { simulated }),
    schemaVersion,
    strength,
    endpoints,
    ranking,
    pairs: pairs.map(({ base, new: next, metrics, rates, verdict }) => ({
      base,
      new: next,
      metrics,
      rates,
      verdict: writtenVerdict(verdict),
    })),
    ...written(rest),
  };
}

const written = <C extends Pick<Comparison, 'warnings'> & { verdict: WithReasons }>({
  warnings,
  verdict,
  ...figures
}: C) => ({
  ...figures,
  warnings: textsOf(warnings),
  warning_codes: codesOf(warnings),
  verdict: writtenVerdict<C['verdict']>(verdict),
});

interface WithReasons {
  reasons: readonly InvalidReason[];
}

const writtenVerdict = <V extends WithReasons>({ reasons, ...verdict }: V): WrittenVerdict<V> => ({
  ...verdict,
  reasons: textsOf(reasons),
  reason_codes: codesOf(reasons),
});
