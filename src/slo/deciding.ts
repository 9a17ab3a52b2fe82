import type { Result } from '../errors.ts';
import { type Figure, parseFigure } from './grammar.ts';
import { metricNamed } from '../metrics/registry.ts';

/** The most figures that can decide a comparison: each further one makes all intervals wider. */
const MOST_DECIDING = 4;

/** Returns the name of a figure: `ttft p95`, `attainment`. */
export const nameOf = ({ metric, aggregation }: Figure): string =>
  aggregation === null ? metric : `${metric} ${aggregation}`;

/** A mistake in a list of figures. */
export interface DecidingMistake {
  /** Index of the figure; `null` for the list. */
  at: number | null;
  message: string;
}

/** Reads the figures that decide a comparison, one per text: `ttft p95`. */
export function readDeciding(
  texts: readonly string[],
): Result<readonly Figure[], readonly DecidingMistake[]> {
  const mistakes: DecidingMistake[] = [];
  const found: Figure[] = [];
  for (const [at, text] of texts.entries()) {
    const read = parseFigure(text);
    if (!read.ok) {
      mistakes.push(...read.problem.map(({ message }) => ({ at, message })));
      continue;
    }
    const wrong = whyUnsuitable(read.value, found);
    if (wrong === null) found.push(read.value);
    else mistakes.push({ at, message: wrong });
  }
  if (found.length > MOST_DECIDING) {
    const message = `${found.length} figures are too many: at most ${MOST_DECIDING} can decide a comparison`;
    mistakes.push({ at: null, message });
  }
  return mistakes.length > 0 ? { ok: false, problem: mistakes } : { ok: true, value: found };
}

function whyUnsuitable(figure: Figure, before: readonly Figure[]): string | null {
  const name = nameOf(figure);
  if (before.some((each) => nameOf(each) === name)) return `duplicate figure ${name}`;
  const { better, isClientDelay } = metricNamed(figure.metric)!;
  if (better === null) return `${name} cannot decide: it has no better direction`;
  if (isClientDelay) return `${name} cannot decide: it is a delay of goodput or of the connection`;
  const percentile = figure.aggregation?.startsWith('p') === true ? Number(figure.aggregation.slice(1)) : 0;
  if (percentile >= 99 || figure.aggregation === 'max' || figure.aggregation === 'min')
    return `${name} cannot decide: a run of normal length has too few values for it; p95 is the highest percentile`;
  return null;
}
