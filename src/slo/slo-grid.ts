import { rounded } from '../numbers.ts';
import { mistake, type Mistake, opOf, type Reading, wrong } from './condition.ts';
import { parseSloEntry, type RequestSlo } from './grammar.ts';
import { formatLimit, parseLimit } from './limit-text.ts';
import { type Metric, metricNamed } from '../metrics/registry.ts';

/**
 * One axis of a grid of limits, by each of which a run is judged.
 *
 *     grid   = axis [ "," axis ]                           "ttft=100ms..1s, tpot=20ms..200ms"
 *     axis   = metric "=" ( range / limit *( "|" limit ) ) a metric that an SLO can have
 *     range  = limit ".." limit [ "/" points ]             5 points by default: by equal factors, shares by equal steps
 */
export interface GridAxis {
  metric: string;
  /** The limits in the given order. */
  limits: readonly RequestSlo[];
}

const AXIS = /^\s*([^=\s]*)\s*=\s*(.*?)\s*$/s;
const RANGE = /^(.+?)\s*\.\.\s*(.+?)(?:\s*\/\s*(\d+))?$/s;
const USUAL_POINTS = 5;
const MOST_POINTS = 20;
const EXAMPLE = '"ttft=100ms..1s,tpot=20ms..200ms"';

/** Parses the text of `--slo-grid`: one or two metrics. */
export function parseSloGrid(text: string): Reading<GridAxis[]> {
  if (text.trim() === '') return wrong(mistake(0, 'metric', `empty: write a grid like ${EXAMPLE}`));
  const axes: GridAxis[] = [];
  const mistakes: Mistake[] = [];
  let offset = 0;
  for (const item of text.split(',')) {
    const axis = readAxis(item, offset);
    if (!axis.ok) mistakes.push(...axis.problem);
    else if (axes.some(({ metric }) => metric === axis.value.metric))
      mistakes.push(mistake(offset, 'metric', `duplicate metric ${axis.value.metric}: keep one`));
    else if (axes.length === 2)
      mistakes.push(
        mistake(offset, 'metric', 'a third metric: a table has two axes, so fix this one with --slo'),
      );
    else axes.push(axis.value);
    offset += item.length + 1;
  }
  return mistakes.length > 0 ? { ok: false, problem: mistakes } : { ok: true, value: axes };
}

function readAxis(item: string, offset: number): Reading<GridAxis> {
  const [, name, values] = AXIS.exec(item) ?? [];
  if (name === undefined || values === undefined || name === '' || values === '')
    return wrong(mistake(offset, 'metric', `cannot read "${item.trim()}": write it like ${EXAMPLE}`));
  // Mistakes of the name have the message of an SLO.
  const known = parseSloEntry(name.replace(/[<>]$/, ''), values.split(/\.\.|\|/)[0]!.trim());
  if (!known.ok) return wrong(...known.problem.map((each) => Object.assign({}, each, { offset })));
  const metric = metricNamed(known.value.metric)!;
  if (metric.needsLimits.length > 0) {
    const limits = metric.needsLimits.join(' and ');
    const message = `${metric.name} changes with the limits of ${limits}: put those into the grid`;
    return wrong(mistake(offset, 'metric', message));
  }
  const at = offset + item.indexOf(values);
  const range = RANGE.exec(values);
  return range === null ? axisOfList(metric, values, at) : axisOfRange(metric, range, at);
}

function axisOfList(metric: Metric, values: string, at: number): Reading<GridAxis> {
  const readings = values.split('|').map((limit) => parseSloEntry(metric.name, limit.trim()));
  const mistakes = readings.flatMap((reading) => (reading.ok ? [] : reading.problem));
  if (mistakes.length > 0) return wrong(...mistakes.map((each) => Object.assign({}, each, { offset: at })));
  const limits = readings.flatMap((reading) => (reading.ok ? [reading.value] : []));
  if (limits.length > MOST_POINTS)
    return wrong(mistake(at, 'limit', `too many limits (${limits.length}): at most ${MOST_POINTS}`));
  return { ok: true, value: { metric: metric.name, limits } };
}

function axisOfRange(
  metric: Metric,
  [, from = '', to = '', count]: RegExpExecArray,
  at: number,
): Reading<GridAxis> {
  const ends = [parseLimit(metric, from), parseLimit(metric, to)] as const;
  const [low, high] = ends;
  if (!low.ok || !high.ok)
    return wrong(...ends.flatMap((end) => (end.ok ? [] : [mistake(at, 'limit', end.problem)])));
  const points = count === undefined ? USUAL_POINTS : Number(count);
  if (points < 2 || points > MOST_POINTS)
    return wrong(mistake(at, 'limit', `invalid number of points (${points}): from 2 to ${MOST_POINTS}`));
  if (low.value >= high.value)
    return wrong(mistake(at, 'limit', `empty range ${from}..${to}: write the lower limit first`));
  if (!metric.isShare && low.value === 0)
    return wrong(
      mistake(
        at,
        'limit',
        `invalid range ${from}..${to}: points by equal factors need a lower limit above 0`,
      ),
    );
  const between = Array.from({ length: points }, (_, k) => {
    const part = k / (points - 1);
    return metric.isShare
      ? low.value + (high.value - low.value) * part
      : low.value * (high.value / low.value) ** part;
  }).slice(1, -1);
  // Computed points have two digits.
  const values = [low.value, ...between.map((value) => rounded(value, 2)), high.value];
  const texts = [...new Set(values)].map((value) => formatLimit(metric, value));
  const op = opOf(metric);
  return {
    ok: true,
    value: {
      metric: metric.name,
      limits: texts.map((text) => {
        const limit = parseLimit(metric, text);
        const value = limit.ok ? limit.value : NaN;
        return { metric: metric.name, op, value, unit: metric.unit, text: `${metric.name} ${op} ${text}` };
      }),
    },
  };
}
