import { type Figure, parseFigure } from './grammar.ts';
import { metricNamed } from '../metrics/registry.ts';

/** Figures that may decide: more would need wider intervals than they are worth. */
const MOST_DECIDING = 4;

/** `ttft p95`, `attainment`. */
export const nameOf = ({ metric, aggregation }: Figure): string =>
  aggregation === null ? metric : `${metric} ${aggregation}`;

/** What is wrong with a list of figures: with one of them, by its place, or with all (`null`). */
export interface DecidingMistake {
  at: number | null;
  message: string;
}

/**
 * The figures that are to decide a comparison, one a text: `ttft p95`.
 * @returns mistakes in words where they cannot
 */
export function readDeciding(
  texts: readonly string[],
): { ok: true; value: readonly Figure[] } | { ok: false; mistakes: readonly DecidingMistake[] } {
  const mistakes: DecidingMistake[] = [];
  const found: Figure[] = [];
  for (const [at, text] of texts.entries()) {
    const read = parseFigure(text);
    if (!read.ok) {
      mistakes.push(...read.mistakes.map(({ message }) => ({ at, message })));
      continue;
    }
    const wrong = unfit(read.value, found);
    if (wrong === null) found.push(read.value);
    else mistakes.push({ at, message: wrong });
  }
  if (found.length > MOST_DECIDING) {
    const message = `${found.length} figures are too many to decide: at most ${MOST_DECIDING}, or chance decides too`;
    mistakes.push({ at: null, message });
  }
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, value: found };
}

function unfit(figure: Figure, before: readonly Figure[]): string | null {
  const name = nameOf(figure);
  if (before.some((each) => nameOf(each) === name)) return `${name} stands there twice`;
  const { better, isClientDelay } = metricNamed(figure.metric)!;
  if (better === null) return `${name} cannot decide: more of it is neither better nor worse`;
  if (isClientDelay) return `${name} cannot decide: it is goodput's own delay`;
  const percentile = figure.aggregation?.startsWith('p') === true ? Number(figure.aggregation.slice(1)) : 0;
  if (percentile >= 99 || figure.aggregation === 'max' || figure.aggregation === 'min')
    return `${name} cannot decide: a run of usual length knows too little of it; p95 is the highest`;
  return null;
}
