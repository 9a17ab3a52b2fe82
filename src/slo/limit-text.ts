import { rounded } from '../numbers.ts';
import type { Failed, Result } from '../errors.ts';
import { parseCount, parseDuration, parseRate, parseShare } from '../units.ts';
import type { Metric, MetricUnit } from '../metrics/registry.ts';

const NEGATIVE = /^-/;
const BARE = /^[+-]?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/;
/** `25/min`, `25 req/min`, `1000 tok/s`: the units of reports are accepted. */
const RATE = /^(.*?)\s*(req|tok)?\s*(\/\s*(?:sec|s|min|m|h))$/;

const KIND: Record<MetricUnit, string> = {
  ms: 'a duration, like 200ms or 1.5s',
  'tok/s': 'tokens per second, like 20 or 20/s',
  'req/s': 'requests per second, like 5 or 300/min',
  'req/min': 'requests per minute, like 300 or 5/s',
  ratio: 'a ratio, like 1.1',
  requests: 'a number of requests, like 16',
  currency: 'an amount in the currency of the prices, like 0.002',
  J: 'joules, like 2.5',
};

/** Returns a typical limit for an example with this metric. */
export function exampleLimit(metric: Metric): string {
  if (metric.isShare) return metric.better === 'lower' ? '1%' : '90%';
  const examples = {
    ms: '200ms',
    'tok/s': '20',
    'req/s': '5',
    'req/min': '300',
    ratio: '1.1',
    requests: '16',
    currency: '0.002',
    J: '2.5',
  };
  return examples[metric.unit];
}

/**
 * Parses the limit of a condition, in the unit of the metric. A duration needs a unit; a number without one is allowed for rates, counts
 * and shares, and is in the unit of the metric.
 */
export function parseLimit(metric: Metric, input: unknown): Result<number> {
  if (input === null || input === undefined) return refuse('no limit');
  if (typeof input !== 'string' && typeof input !== 'number') {
    return refuse(`${metric.name} takes ${kind(metric)}`);
  }
  const text = String(input).trim();
  if (text === '') return refuse('no limit');
  const value = valueOf(metric, text);
  if (value === null) return refuse(unreadable(metric, text));
  if (value < 0 || NEGATIVE.test(text)) return refuse(`a limit cannot be negative (${text})`);
  if (metric.isShare && value > 1) return refuse(aboveWhole(text));
  return { ok: true, value };
}

/** Returns the canonical text of a limit, which `parseLimit` reads as exactly `value`. */
export function formatLimit(metric: Metric, value: number): string {
  if (metric.unit === 'ms') return `${value}ms`;
  if (metric.unit === 'req/min') return `${value}/min`;
  if (metric.unit === 'req/s' || metric.unit === 'tok/s') return `${value}/s`;
  if (!metric.isShare) return String(value);
  const percent = `${rounded(value * 100, 15)}%`;
  return read(parseShare(percent)) === value ? percent : String(value);
}

const refuse = (problem: string): Failed => ({ ok: false, problem });

const kind = (metric: Metric): string => (metric.isShare ? 'a share, like 90% or 0.9' : KIND[metric.unit]);

function valueOf(metric: Metric, text: string): number | null {
  if (metric.unit === 'ms') return read(parseDuration(text));
  if (metric.isShare) return read(parseShare(text));
  const bare = read(parseCount(text));
  if (bare !== null || !metric.unit.includes('/')) return bare;
  const [, digits = '', noun = metric.unit.slice(0, 3), per = ''] = RATE.exec(text) ?? [];
  return metric.unit.startsWith(noun) ? rateOf(digits, per.replaceAll(' ', ''), metric.unit) : null;
}

/** Converts a rate to the unit of the metric directly: 29/min must stay 29, which 29 ÷ 60 × 60 is not. */
function rateOf(digits: string, per: string, unit: MetricUnit): number | null {
  const count = read(parseCount(digits));
  const perSecond = read(parseRate(`1${per}`));
  if (count === null || perSecond === null) return null;
  const given = Math.round(1 / perSecond);
  const wanted = unit === 'req/min' ? 60 : 1;
  return given > wanted ? count / (given / wanted) : count * (wanted / given);
}

const read = (parsed: Result<number, unknown>): number | null => (parsed.ok ? parsed.value : null);

/** Returns the message for a share above 100%, which is usually a percentage without its sign. */
function aboveWhole(text: string): string {
  const meant = BARE.test(text) && Number(text) <= 100 ? `; did you mean ${text}%?` : '';
  return `a share cannot pass 100% (${text})${meant}`;
}

function unreadable(metric: Metric, text: string): string {
  if (metric.unit === 'ms' && BARE.test(text)) {
    return NEGATIVE.test(text)
      ? `a limit cannot be negative (${text}), and a duration needs its unit`
      : `a duration needs its unit: write ${text}ms or ${text}s`;
  }
  const other = otherKind(metric, text);
  if (other !== null) return `wrong unit: ${text} is ${other}, and ${metric.name} takes ${kind(metric)}`;
  return `cannot read the limit "${text}": ${metric.name} takes ${kind(metric)}`;
}

function otherKind(metric: Metric, text: string): string | null {
  if (metric.unit !== 'ms' && parseDuration(text).ok) return 'a duration';
  if (!metric.isShare && parseShare(text).ok) return 'a share';
  return RATE.test(text) ? 'a rate' : null;
}
