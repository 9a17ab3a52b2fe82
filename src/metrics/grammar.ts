import { didYouMean } from '../errors.ts';
import { cut, joined, mistake, opOf, readCondition, regular, wrong } from './condition.ts';
import type { Condition, Mistake, Op, Reading, Word } from './condition.ts';
import { formatConfidence, readConfidence, splitConfidence } from './confidence.ts';
import { exampleLimit, formatLimit, parseLimit } from './limit-text.ts';
import { METRICS, metricNamed } from './registry.ts';
import { presetLimits } from './slo-presets.ts';
import type { Metric } from './registry.ts';

/**
 * The conditions that users declare.
 *
 *     slo-list    = slo *( "," slo )                       each request: "ttft <= 200ms, tpot <= 100ms"
 *     slo         = metric op limit                        a metric of kind `request` that has a better direction
 *                 / preset                                 a name of slo-presets.ts, once: "mlperf/llama3.1-8b/interactive"
 *     gate        = metric [ aggregation ] op limit [ "with" share "confidence" ]
 *                                                          the whole run: "ttft p99 <= 400ms", "goodput_rpm >= 25"
 *     aggregation = "p" percentile / "mean" / "min" / "max"   of a distribution, never of a run metric; 0 < percentile < 100
 *     op          = "<=" / ">="                            inclusive; "<=" where lower is better, ">=" where higher is
 *     limit       = duration / rate / count / share        by the metric's unit; a duration never without its own
 *
 * Blanks may stand between any two of them and are not needed around the comparison. Limits follow `units.ts`.
 */
export type { Op, Reading };

/** A condition on every request by itself. */
export interface RequestSlo extends Condition {
  /** The preset that it comes from, or whose limit it takes the place of. */
  preset?: string;
}

/** A condition on the run as a whole. */
export interface Gate extends Condition {
  /** `p99`, `mean`, `min`, `max`; `null` for a run metric. */
  aggregation: string | null;
  /** Judged by the end of the figure's interval of this confidence (above 0, below 1), not by the figure alone. */
  confidence?: number;
}

/** What no metric's name looks like. */
const PRESET = /^\s*[\w.-]+(?:\/[\w.-]*)+\s*$/;

const PERCENTILE = /^p(\d+(?:\.\d+)?)$/;
const OTHER_NAMES: Record<string, string> = {
  avg: 'mean',
  average: 'mean',
  median: 'p50',
  maximum: 'max',
  minimum: 'min',
};
/** `ttft_p99`, `ttft.mean`: how other tools name what is two words here. */
const JOINED = /^(.+?)[_.:-]?(p\d+(?:\.\d+)?|mean|min|max|avg|average|median)$/;

/**
 * A comma-separated list of request SLOs, as `--slo` takes it.
 * @param elsewhere metrics whose limits are declared in another place, so that none is missing here
 */
export function parseSlo(text: string, elsewhere: readonly string[] = []): Reading<RequestSlo[]> {
  if (text.trim() === '') {
    return wrong(mistake(0, 'metric', 'empty: write a list like "ttft <= 200ms, tpot <= 100ms"'));
  }
  const mistakes: Mistake[] = [];
  const slos: RequestSlo[] = [];
  const seen = new Set<string>();
  let preset: string | null = null;
  let offset = 0;
  for (const item of text.split(',')) {
    if (PRESET.test(item)) {
      const name = item.trim();
      const at = offset + item.indexOf(name);
      const limits = presetLimits(name);
      if (!limits.ok) mistakes.push(mistake(at, 'metric', limits.message));
      else if (preset !== null) mistakes.push(mistake(at, 'metric', 'a second preset: keep one'));
      preset ??= name;
      offset += item.length + 1;
      continue;
    }
    const word = cut(item, offset).metric;
    const slo = readSlo(item, offset);
    if (slo.ok) slos.push(slo.value);
    else mistakes.push(...slo.mistakes);
    if (word.text !== '' && seen.has(word.text)) {
      mistakes.push(mistake(word.offset, 'metric', `${word.text} is declared twice: keep one limit`));
    }
    seen.add(word.text);
    offset += item.length + 1;
  }
  if (mistakes.length > 0) return { ok: false, mistakes };
  const all = preset === null ? slos : withPreset(preset, slos);
  const lacking = missingLimits([...all, ...elsewhere.map((metric) => ({ metric }))]);
  return lacking === null ? { ok: true, value: all } : wrong(mistake(0, 'metric', lacking));
}

/** The limits of a preset that exists, with those declared beside it in their place. */
export function withPreset(name: string, declared: readonly RequestSlo[]): RequestSlo[] {
  const preset = presetLimits(name);
  if (!preset.ok) return [...declared];
  const own = Object.entries(preset.limits).flatMap(([metric, limit]) => {
    const reading = parseSloEntry(metric, limit);
    return reading.ok ? [reading.value] : [];
  });
  const limits = own.map((slo) => declared.find(({ metric }) => metric === slo.metric) ?? slo);
  const others = declared.filter(({ metric }) => !own.some((slo) => slo.metric === metric));
  return limits.map((slo): RequestSlo => Object.assign({}, slo, { preset: name })).concat(others);
}

/**
 * One entry of a scenario's map, `ttft: 200ms`: the metric's better direction gives the comparison. A mistake's offset
 * counts within the part that it names. Check the whole map with `missingLimits`.
 */
export function parseSloEntry(name: string, limit: unknown): Reading<RequestSlo> {
  const metric = sloMetric({ text: name, offset: 0 }, null);
  if (!metric.ok) return metric;
  const op = opOf(metric.value);
  const example = exampleLimit(metric.value);
  if (typeof limit === 'string' && /^\s*[<>=≤≥]/.test(limit)) {
    return wrong(
      mistake(0, 'limit', `the limit alone, without a comparison: ${name} is always ${op}, write ${example}`),
    );
  }
  const read = parseLimit(metric.value, limit);
  if (!read.ok) return wrong(mistake(0, 'limit', read.message));
  const text = joined(name, null, op, regular(String(limit)));
  return { ok: true, value: { metric: name, op, value: read.value, unit: metric.value.unit, text } };
}

/** Why a set of SLOs cannot be judged as a whole, or `null`: token deadlines are made of two other limits. */
export function missingLimits(slos: readonly Pick<RequestSlo, 'metric'>[]): string | null {
  const declared = new Set(slos.map((slo) => slo.metric));
  if (!declared.has('on_time_share') || (declared.has('ttft') && declared.has('tpot'))) return null;
  return 'on_time_share takes its deadlines from the limits of ttft and tpot: declare both beside it';
}

/** One gate, as `--gate` and the scenario's list take it. */
export function parseGate(text: string): Reading<Gate> {
  if (text.trim() === '') return wrong(mistake(0, 'metric', 'empty: write a gate like "attainment >= 90%"'));
  const comma = text.indexOf(',');
  if (comma !== -1) {
    return wrong(mistake(comma, 'limit', 'one condition each: what follows the comma is a gate of its own'));
  }
  const { condition: bare, confidence } = splitConfidence(text);
  const parts = cut(bare, 0);
  const metric = gateMetric(parts.metric, parts.aggregation);
  if (!metric.ok) return metric;
  const aggregation = readAggregation(metric.value, parts);
  const example = metric.value.kind === 'run' ? null : 'p99';
  const known = aggregation.ok ? (aggregation.value ?? example) : example;
  const condition = readCondition(metric.value, parts, known);
  const sure = confidence === null ? null : readConfidence(confidence, metric.value, known);
  if (aggregation.ok && condition.ok && sure?.ok !== false) {
    const gate = { ...condition.value, aggregation: aggregation.value };
    if (sure === null) return { ok: true, value: gate };
    return { ok: true, value: { ...gate, text: `${gate.text} ${sure.text}`, confidence: sure.value } };
  }
  const readings = [aggregation, condition, ...(sure === null ? [] : [sure])];
  return wrong(...readings.flatMap((read) => (read.ok ? [] : read.mistakes)));
}

/** Canonical text of an SLO or gate: parses back to the same condition. */
export function formatCondition(condition: RequestSlo | Gate): string {
  const metric = metricNamed(condition.metric)!;
  const aggregation = 'aggregation' in condition ? condition.aggregation : null;
  const confidence = 'confidence' in condition ? condition.confidence : undefined;
  const text = joined(condition.metric, aggregation, condition.op, formatLimit(metric, condition.value));
  return confidence === undefined ? text : `${text} ${formatConfidence(confidence)}`;
}

function readSlo(text: string, offset: number): Reading<RequestSlo> {
  if (text.trim() === '') return wrong(mistake(offset, 'metric', 'empty: nothing stands between the commas'));
  const { confidence } = splitConfidence(text);
  if (confidence !== null) {
    const message = 'a confidence belongs in a gate: an SLO judges every request by itself';
    return wrong(mistake(offset + confidence.offset, 'confidence', message));
  }
  const parts = cut(text, offset);
  const metric = sloMetric(parts.metric, parts.aggregation);
  if (!metric.ok) return metric;
  const condition = readCondition(metric.value, parts, null);
  if (parts.aggregation === null || parts.op.text === '') return condition;
  const misplaced = mistake(parts.aggregation.offset, 'aggregation', belongsInGate(parts.aggregation.text));
  return wrong(misplaced, ...(condition.ok ? [] : condition.mistakes));
}

function belongsInGate(aggregation: string): string {
  const what = PERCENTILE.test(aggregation) ? 'a percentile' : `"${aggregation}"`;
  return `${what} belongs in a gate: an SLO judges every request by itself`;
}

function sloMetric(word: Word, next: Word | null): Reading<Metric> {
  const metric = metricNamed(word.text);
  if (metric === undefined) {
    const meant = foreignOrder(word, next);
    if (meant !== null) return wrong(mistake(word.offset, 'metric', belongsInGate(meant.aggregation)));
    return unknown(
      word,
      METRICS.filter((each) => each.kind === 'request'),
    );
  }
  if (metric.kind === 'request') return { ok: true, value: metric };
  const message =
    metric.kind === 'pooled'
      ? `${metric.name} is pooled over requests: gate it (${metric.name} p99 <= 30ms), or use tpot or max_gap`
      : `${metric.name} is a run metric and cannot be a request SLO: gate it (${joined(metric.name, null, opOf(metric), exampleLimit(metric))})`;
  return wrong(mistake(word.offset, 'metric', message));
}

function gateMetric(word: Word, next: Word | null): Reading<Metric> {
  const metric = metricNamed(word.text);
  if (metric !== undefined) return { ok: true, value: metric };
  const meant = foreignOrder(word, next);
  if (meant === null) return unknown(word, METRICS);
  const message = `unknown metric "${word.text}", did you mean "${meant.metric} ${meant.aggregation}"?`;
  return wrong(mistake(word.offset, 'metric', message));
}

/** `ttft_p99` and `p99 ttft`, where `ttft p99` is meant. */
function foreignOrder(word: Word, next: Word | null): { metric: string; aggregation: string } | null {
  if (next !== null && isAggregation(word.text) && metricNamed(next.text) !== undefined) {
    return { metric: next.text, aggregation: word.text };
  }
  const [, metric = '', aggregation = ''] = JOINED.exec(word.text) ?? [];
  if ((metricNamed(metric)?.kind ?? 'run') === 'run') return null;
  return { metric, aggregation: OTHER_NAMES[aggregation] ?? aggregation };
}

function unknown(word: Word, known: readonly Metric[]): Reading<Metric> {
  if (word.text === '') return wrong(mistake(word.offset, 'metric', 'no metric before the comparison'));
  const names = known.map((metric) => metric.name);
  const all = METRICS.map((metric) => metric.name);
  const near = didYouMean(word.text, names) ?? didYouMean(word.text, all);
  const kin = near === null ? all.filter((name) => name.startsWith(`${word.text}_`)) : [near];
  const way = kin.length === 0 ? `; there are ${names.join(', ')}` : `, did you mean ${kin.join(' or ')}?`;
  return wrong(mistake(word.offset, 'metric', `unknown metric "${word.text}"${way}`));
}

const isAggregation = (text: string): boolean =>
  PERCENTILE.test(text) || ['mean', 'min', 'max'].includes(text);

function readAggregation(metric: Metric, parts: ReturnType<typeof cut>): Reading<string | null> {
  const { aggregation: word, surplus } = parts;
  if (parts.op.text === '') return { ok: true, value: null };
  if (surplus !== null) {
    const message = `"${surplus.text}" is too much: a metric, an aggregation, a comparison and a limit make a gate`;
    return wrong(mistake(surplus.offset, 'aggregation', message));
  }
  if (metric.kind === 'run') {
    if (word === null) return { ok: true, value: null };
    const noun = metric.unit.includes('/') ? 'a rate' : 'a figure of the run';
    const what = PERCENTILE.test(word.text) ? 'percentile' : `"${word.text}"`;
    const message = `${noun} has no ${what}: ${metric.name} is one number a run, leave "${word.text}" out`;
    return wrong(mistake(word.offset, 'aggregation', message));
  }
  if (word !== null) return aggregationNamed(word);
  const example = joined(metric.name, 'p99', opOf(metric), exampleLimit(metric));
  const message = `a distribution needs an aggregation (p50, p99, mean, min, max): write it like "${example}"`;
  return wrong(mistake(parts.op.offset, 'aggregation', message));
}

function aggregationNamed(word: Word): Reading<string> {
  if (['mean', 'min', 'max'].includes(word.text)) return { ok: true, value: word.text };
  const [, digits] = PERCENTILE.exec(word.text) ?? [];
  if (digits === undefined) {
    const lower = word.text.toLowerCase();
    const near =
      OTHER_NAMES[lower] ?? (isAggregation(lower) ? lower : didYouMean(lower, ['mean', 'min', 'max']));
    const way =
      near === null ? '; there are mean, min, max and percentiles like p99' : `, did you mean ${near}?`;
    return wrong(mistake(word.offset, 'aggregation', `unknown aggregation "${word.text}"${way}`));
  }
  const p = Number(digits);
  if (p > 0 && p < 100) return { ok: true, value: `p${plain(digits)}` };
  const way = p === 100 ? 'say max' : p === 0 ? 'say min' : 'it lies between 0 and 100, like p99';
  return wrong(mistake(word.offset, 'aggregation', `percentile out of range (${word.text}): ${way}`));
}

/** One percentile, one name: `050.0` is `50`. */
const plain = (digits: string): string =>
  digits
    .replace(/^0+(?=\d)/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');

/** A figure of a run by name: a run metric, or an aggregation of a distribution. */
export interface Figure {
  metric: string;
  /** `p95`, `mean`, `min`, `max`; `null` for a run metric. */
  aggregation: string | null;
}

/** One figure without a condition: `ttft p95`, `attainment`. */
export function parseFigure(text: string): Reading<Figure> {
  const parts = cut(text, 0);
  if (parts.op.text !== '')
    return wrong(mistake(parts.op.offset, 'op', `a figure alone, without a limit: "${regular(text)}"`));
  if (parts.metric.text === '')
    return wrong(mistake(0, 'metric', 'empty: name a figure like "ttft mean" or "attainment"'));
  const metric = gateMetric(parts.metric, parts.aggregation);
  if (!metric.ok) return metric;
  const { name, kind } = metric.value;
  if (kind !== 'run' && parts.aggregation === null) {
    const message = `${name} is a distribution: say which figure of it, like "${name} mean" or "${name} p95"`;
    return wrong(mistake(parts.metric.offset, 'aggregation', message));
  }
  const aggregation = readAggregation(metric.value, { ...parts, op: { ...parts.op, text: '<=' } });
  return aggregation.ok ? { ok: true, value: { metric: name, aggregation: aggregation.value } } : aggregation;
}
