import { readAggregation } from './aggregation.ts';
import { splitCondition, joined, mistake, opOf, readCondition, regular, wrong } from './condition.ts';
import type { Condition, Mistake, Reading } from './condition.ts';
import { formatConfidence, readConfidence, splitConfidence } from './confidence.ts';
import { exampleLimit, formatLimit, parseLimit } from './limit-text.ts';
import { belongsInGate, gateMetric, sloMetric } from './metric-name.ts';
import { formatGroup, type RequestGroup, splitGroup } from './request-group.ts';
import { metricNamed, SLO_METRICS } from '../metrics/registry.ts';
import { presetLimits } from './slo-presets.ts';

/**
 * Parses the conditions that users declare.
 *
 *     slo-list    = slo *( "," slo )                       for each request: "ttft <= 200ms, tpot <= 100ms"
 *     slo         = metric op limit                        a metric of kind `request` that has a better direction
 *                 / preset                                 a name of slo-presets.ts, once: "mlperf/llama3.1-8b/interactive"
 *     gate        = metric [ aggregation ] [ "by" group ] op limit [ "with" share "confidence" ]
 *                                                          for the run: "ttft p99 <= 400ms", "goodput_rpm >= 25"
 *     group       = key "=" name                           only these requests: "ttft p95 by turn=1 <= 300ms"
 *     aggregation = "p" percentile / "mean" / "min" / "max"   of a distribution, never of a run metric; 0 < percentile < 100
 *     op          = "<=" / ">="                            inclusive; "<=" where lower is better, ">=" where higher is
 *     limit       = duration / rate / count / share        by the unit of the metric; a duration always has a unit
 *
 * Blanks are allowed between any two of them and not needed around the comparison. Limits are read by `units.ts`.
 */
export type { Reading };

/** A condition on each request. */
export interface RequestSlo extends Condition {
  /** The preset that it comes from, or whose limit it replaces. */
  preset?: string;
}

/** A condition on the run as a whole. */
export interface Gate extends Condition {
  /** `p99`, `mean`, `min`, `max`; `null` for a run metric. */
  aggregation: string | null;
  /** The requests whose figure is judged; absent: all. */
  group?: RequestGroup;
  /** With a confidence (above 0, below 1) the gate is judged by the interval of the figure instead of the figure. */
  confidence?: number;
}

/** The name of a preset, which has slashes, unlike that of a metric. */
const PRESET = /^\s*[\w.-]+(?:\/[\w.-]*)+\s*$/;

/**
 * Parses a comma-separated list of SLOs, as in `--slo`.
 * @param elsewhere metrics whose limits are declared elsewhere, so that they are not missing here
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
      if (!limits.ok) mistakes.push(mistake(at, 'metric', limits.problem));
      else if (preset !== null) mistakes.push(mistake(at, 'metric', 'a second preset: keep one'));
      preset ??= name;
      offset += item.length + 1;
      continue;
    }
    const word = splitCondition(item, offset).metric;
    const slo = readSlo(item, offset);
    if (slo.ok) slos.push(slo.value);
    else mistakes.push(...slo.problem);
    if (word.text !== '' && seen.has(word.text)) {
      mistakes.push(mistake(word.offset, 'metric', `${word.text} is declared twice: keep one limit`));
    }
    seen.add(word.text);
    offset += item.length + 1;
  }
  if (mistakes.length > 0) return { ok: false, problem: mistakes };
  const all = preset === null ? slos : withPreset(preset, slos);
  const missing = missingLimits([...all, ...elsewhere.map((metric) => ({ metric }))]);
  return missing === null ? { ok: true, value: all } : wrong(mistake(0, 'metric', missing));
}

/** Returns the limits of a preset, in which declared ones replace those of the preset. */
export function withPreset(name: string, declared: readonly RequestSlo[]): RequestSlo[] {
  const preset = presetLimits(name);
  if (!preset.ok) return [...declared];
  const own = Object.entries(preset.value).flatMap(([metric, limit]) => {
    const reading = parseSloEntry(metric, limit);
    return reading.ok ? [reading.value] : [];
  });
  const limits = own.map((slo) => declared.find(({ metric }) => metric === slo.metric) ?? slo);
  const others = declared.filter(({ metric }) => !own.some((slo) => slo.metric === metric));
  return limits.map((slo): RequestSlo => Object.assign({}, slo, { preset: name })).concat(others);
}

/**
 * Parses an entry of the map of a scenario, `ttft: 200ms`; the comparison follows from the better direction of the metric. The offset of a
 * mistake is an index into the part that it names. Check the complete map with `missingLimits`.
 */
export function parseSloEntry(name: string, limit: unknown): Reading<RequestSlo> {
  const metric = sloMetric({ text: name, offset: 0 }, null);
  if (!metric.ok) return metric;
  const op = opOf(metric.value);
  const example = exampleLimit(metric.value);
  if (typeof limit === 'string' && /^\s*[<>=≤≥]/.test(limit)) {
    return wrong(
      mistake(
        0,
        'limit',
        `write the limit without a comparison: ${name} is always ${op}, so write ${example}`,
      ),
    );
  }
  const read = parseLimit(metric.value, limit);
  if (!read.ok) return wrong(mistake(0, 'limit', read.problem));
  const text = joined(name, null, op, regular(String(limit)));
  return { ok: true, value: { metric: name, op, value: read.value, unit: metric.value.unit, text } };
}

/** Returns why a set of SLOs is incomplete, or `null`: token deadlines are computed from the limits of two other metrics. */
export function missingLimits(slos: readonly Pick<RequestSlo, 'metric'>[]): string | null {
  const declared = new Set(slos.map((slo) => slo.metric));
  for (const { name, needsLimits } of SLO_METRICS)
    if (declared.has(name) && needsLimits.some((metric) => !declared.has(metric)))
      return `${name} takes its deadlines from the limits of ${needsLimits.join(' and ')}: declare them too`;
  return null;
}

/** Returns the SLOs whose metric is computed without the limits of other SLOs. */
export const independentSlos = (slos: readonly RequestSlo[]): RequestSlo[] =>
  slos.filter(({ metric }) => metricNamed(metric)!.needsLimits.length === 0);

/** Parses a gate, as in `--gate` and in the list of a scenario. */
export function parseGate(text: string): Reading<Gate> {
  if (text.trim() === '') return wrong(mistake(0, 'metric', 'empty: write a gate like "attainment >= 90%"'));
  const { rest, group } = splitGroup(text);
  const comma = rest.indexOf(',');
  if (comma !== -1) {
    return wrong(
      mistake(comma, 'limit', 'one condition per gate: declare the part after the comma as a separate gate'),
    );
  }
  const { condition: bare, confidence } = splitConfidence(rest);
  const parts = splitCondition(bare, 0);
  const metric = gateMetric(parts.metric, parts.aggregation);
  if (!metric.ok) return metric;
  const aggregation = readAggregation(metric.value, parts);
  const example = metric.value.kind === 'run' ? null : 'p99';
  const known = aggregation.ok ? (aggregation.value ?? example) : example;
  const between = wordsBetween(known, group?.ok === true ? group.value : undefined);
  const condition = readCondition(metric.value, parts, between);
  const level = confidence === null ? null : readConfidence(confidence, metric.value, known);
  if (aggregation.ok && condition.ok && group?.ok !== false && level?.ok !== false) {
    const gate: Gate = { ...condition.value, aggregation: aggregation.value };
    if (group !== null) gate.group = group.value;
    if (level === null) return { ok: true, value: gate };
    return {
      ok: true,
      value: { ...gate, text: `${gate.text} ${formatConfidence(level.value)}`, confidence: level.value },
    };
  }
  const readings = [
    aggregation,
    ...(group === null ? [] : [group]),
    condition,
    ...(level === null ? [] : [level]),
  ];
  return wrong(...readings.flatMap((read) => (read.ok ? [] : read.problem)));
}

/** Returns the words between the metric and the comparison of a gate: its aggregation and its group; `null` without both. */
function wordsBetween(aggregation: string | null, group: RequestGroup | undefined): string | null {
  if (group === undefined) return aggregation;
  return aggregation === null ? formatGroup(group) : `${aggregation} ${formatGroup(group)}`;
}

/** Returns the canonical text of an SLO or gate, which parses to the same condition. */
export function formatCondition(condition: RequestSlo | Gate): string {
  const metric = metricNamed(condition.metric)!;
  const aggregation = 'aggregation' in condition ? condition.aggregation : null;
  const confidence = 'confidence' in condition ? condition.confidence : undefined;
  const between = wordsBetween(aggregation, 'group' in condition ? condition.group : undefined);
  const text = joined(condition.metric, between, condition.op, formatLimit(metric, condition.value));
  return confidence === undefined ? text : `${text} ${formatConfidence(confidence)}`;
}

function readSlo(text: string, offset: number): Reading<RequestSlo> {
  if (text.trim() === '')
    return wrong(mistake(offset, 'metric', 'empty: there is nothing between the commas'));
  if (splitGroup(text).group !== null) {
    const message = 'a group belongs in a gate: an SLO judges each request separately';
    return wrong(mistake(offset + text.search(/\bby\b/), 'group', message));
  }
  const { confidence } = splitConfidence(text);
  if (confidence !== null) {
    const message = 'a confidence belongs in a gate: an SLO judges each request separately';
    return wrong(mistake(offset + confidence.offset, 'confidence', message));
  }
  const parts = splitCondition(text, offset);
  const metric = sloMetric(parts.metric, parts.aggregation);
  if (!metric.ok) return metric;
  const condition = readCondition(metric.value, parts, null);
  if (parts.aggregation === null || parts.op.text === '') return condition;
  const misplaced = mistake(parts.aggregation.offset, 'aggregation', belongsInGate(parts.aggregation.text));
  return wrong(misplaced, ...(condition.ok ? [] : condition.problem));
}

/** The name of a figure of a run: a run metric, or an aggregation of a distribution. */
export interface Figure {
  metric: string;
  /** `p95`, `mean`, `min`, `max`; `null` for a run metric. */
  aggregation: string | null;
}

/** Parses a figure without a condition: `ttft p95`, `attainment`. */
export function parseFigure(text: string): Reading<Figure> {
  if (splitGroup(text).group !== null) {
    const message = 'groups are not compared: write a figure of the run, like "ttft mean"';
    return wrong(mistake(text.search(/\bby\b/), 'group', message));
  }
  const parts = splitCondition(text, 0);
  if (parts.op.text !== '')
    return wrong(mistake(parts.op.offset, 'op', `write a figure without a limit: "${regular(text)}"`));
  if (parts.metric.text === '')
    return wrong(mistake(0, 'metric', 'empty: write a figure like "ttft mean" or "attainment"'));
  const metric = gateMetric(parts.metric, parts.aggregation);
  if (!metric.ok) return metric;
  const { name, kind } = metric.value;
  if (kind !== 'run' && parts.aggregation === null) {
    const message = `${name} is a distribution: add an aggregation, like "${name} mean" or "${name} p95"`;
    return wrong(mistake(parts.metric.offset, 'aggregation', message));
  }
  const aggregation = readAggregation(metric.value, { ...parts, op: { ...parts.op, text: '<=' } });
  return aggregation.ok ? { ok: true, value: { metric: name, aggregation: aggregation.value } } : aggregation;
}
