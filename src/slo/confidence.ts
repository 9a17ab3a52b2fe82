import { parseShare } from '../units.ts';
import { joined, mistake, type Mistake, opOf, regular, type Word, wrong } from './condition.ts';
import { exampleLimit } from './limit-text.ts';
import { type Metric, RUN_METRICS, SERIES_METRICS } from '../metrics/registry.ts';

/** The end of a gate, `with 95% confidence`, and which figures there is a method for. */

const WITH = /\bwith\b.*$/s;
const CONFIDENCE = /^with\s+(\S+)\s+confidence$/;

/** A gate's text without its confidence, and that part, where there is one. */
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

/** @param aggregation as declared, or the one of the examples where it is missing */
export function readConfidence(
  { text, offset }: Word,
  metric: Metric,
  aggregation: string | null,
): { ok: true; value: number; text: string } | { ok: false; mistakes: readonly Mistake[] } {
  const [, written] = CONFIDENCE.exec(text) ?? [];
  const bad = (message: string) => wrong(mistake(offset, 'confidence', message));
  if (written === undefined) return bad(`cannot read "${text}": write it like "with 95% confidence"`);
  const share = parseShare(written);
  if (!share.ok) return bad(`"${written}" is no confidence: write it like "with 95% confidence"`);
  if (share.value < 0.5 || share.value >= 1) {
    const meant = share.value > 1 && share.value < 100 ? `; did you mean ${written}%?` : '';
    return bad(`a confidence lies from 50% to below 100% (${written})${meant}`);
  }
  if (!hasInterval(metric, aggregation)) return bad(noMethod(metric, aggregation));
  return { ok: true, value: share.value, text: formatConfidence(share.value) };
}

export const formatConfidence = (confidence: number): string =>
  `with ${Number((confidence * 100).toPrecision(12))}% confidence`;

function noMethod(metric: Metric, aggregation: string | null): string {
  const condition = joined(metric.name, aggregation, opOf(metric), exampleLimit(metric));
  const figures = RUN_METRICS.filter(({ series }) => series !== null).map(({ name }) => name);
  const distributions = SERIES_METRICS.map(({ name }) => name);
  return `no method gives ${joined(metric.name, aggregation, '', '').trim()} an interval from one run: there are ${figures.join(', ')}, and mean and percentiles of ${distributions.join(', ')}; without a confidence it can be gated, "${condition}"`;
}
