import { share } from '../numbers.ts';
import { parseShare } from '../units.ts';
import { joined, mistake, opOf, type Reading, regular, type Word, wrong } from './condition.ts';
import { exampleLimit } from './limit-text.ts';
import { type Metric, RUN_METRICS, SERIES_METRICS } from '../metrics/registry.ts';

/** Reads the end of a gate, `with 95% confidence`, and knows the figures that allow it. */

const WITH = /\bwith\b.*$/s;
const CONFIDENCE = /^with\s+(\S+)\s+confidence$/;

/** Splits the text of a gate into the condition and the confidence, if there is one. */
export function splitConfidence(text: string): { condition: string; confidence: Word | null } {
  const found = WITH.exec(text);
  if (found === null) return { condition: text, confidence: null };
  return {
    condition: text.slice(0, found.index),
    confidence: { text: regular(found[0]), offset: found.index },
  };
}

/** Returns true if an interval of this figure can be computed from one run. */
export const hasInterval = ({ series }: Metric, aggregation: string | null): boolean =>
  series !== null && aggregation !== 'min' && aggregation !== 'max';

/**
 * Reads the confidence of a gate.
 * @param aggregation as declared; that of the examples if it is missing
 */
export function readConfidence(
  { text, offset }: Word,
  metric: Metric,
  aggregation: string | null,
): Reading<number> {
  const [, written] = CONFIDENCE.exec(text) ?? [];
  const bad = (message: string) => wrong(mistake(offset, 'confidence', message));
  if (written === undefined) return bad(`cannot read "${text}": write it like "with 95% confidence"`);
  const share = parseShare(written);
  if (!share.ok) return bad(`invalid confidence "${written}": write it like "with 95% confidence"`);
  if (share.value < 0.5 || share.value >= 1) {
    const meant = share.value > 1 && share.value < 100 ? `; did you mean ${written}%?` : '';
    return bad(`a confidence must be from 50% to below 100% (${written})${meant}`);
  }
  if (!hasInterval(metric, aggregation)) return bad(noIntervalText(metric, aggregation));
  return share;
}

export const formatConfidence = (confidence: number): string => `with ${share(confidence)} confidence`;

function noIntervalText(metric: Metric, aggregation: string | null): string {
  const condition = joined(metric.name, aggregation, opOf(metric), exampleLimit(metric));
  const figures = RUN_METRICS.filter(({ series }) => series !== null).map(({ name }) => name);
  const distributions = SERIES_METRICS.map(({ name }) => name);
  return `one run gives no interval for ${joined(metric.name, aggregation, '', '').trim()}: a confidence is possible for ${figures.join(', ')}, and for the mean and percentiles of ${distributions.join(', ')}; gate it without a confidence, "${condition}"`;
}
