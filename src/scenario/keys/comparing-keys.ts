import { readDeciding } from '../../slo/deciding.ts';
import type { Figure } from '../../slo/grammar.ts';
import { parseShare } from '../../units.ts';
import { conditions, type Report } from './condition-keys.ts';
import { field, oneOf } from './fields.ts';
import type { Checked } from './problem.ts';

export const FAIL_ON = ['worse', 'inconclusive', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** Settings of a comparison; `null` if not set. */
export interface Comparing {
  /** Differences below this share of the base's value count as the same. Above 0, below 1. */
  tolerance: number | null;
  failOn: FailOn | null;
  /** The deciding figures. */
  decide: readonly Figure[] | null;
}

const SHARE_PATTERN = String.raw`^\s*\+?[\d_.]+(e[+-]?\d+)?\s*%?\s*$|^\$\{\w+\}$`;

export const toleranceSchema = field(readTolerance, {
  type: 'share',
  description:
    'Differences below this share of the base count as the same. Only with `endpoints` or `--against`. Default: 5%.',
  json: {
    anyOf: [
      { type: 'string', pattern: SHARE_PATTERN },
      { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    ],
  },
  examples: ['5%'],
});

function readTolerance(input: unknown): Checked<number> {
  const read = parseShare(input);
  if (!read.ok) return read;
  const { value } = read;
  if (value > 0 && value < 1) return read;
  const meant = value >= 1 && value < 100 && !String(input).includes('%') ? `${value}%` : null;
  return { ok: false, problem: { expected: 'a share above 0 and below 100%, like 5%', meant } };
}

export const failOnSchema = oneOf(
  FAIL_ON,
  'The verdict with exit code 99: `worse`, `inconclusive` (worse, or not enough evidence) or `never`. Default: `worse` for two endpoints, `never` for more.',
  { examples: ['worse'] },
);

export const decideSchema = conditions<Figure>(readDecide, 'text or list of texts', {
  anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }],
  description:
    'The figures that decide a comparison, at most four. Default: attainment, mean TTFT, mean TPOT and p95 of TTFT.',
  examples: [['ttft p95', 'attainment']],
});

function readDecide(input: unknown, report: Report): Figure[] {
  const texts: readonly unknown[] | null =
    typeof input === 'string' ? input.split(',') : Array.isArray(input) ? input : null;
  if (texts === null) {
    report([], input, { expected: 'a list of figures, like [ttft p95, attainment]' });
    return [];
  }
  const isList = Array.isArray(input);
  const notText = texts.findIndex((text) => typeof text !== 'string');
  if (notText !== -1) {
    report([notText], texts[notText], { expected: 'a figure as text, like ttft p95' });
    return [];
  }
  const read = readDeciding(texts.map(String));
  if (read.ok) return [...read.value];
  for (const { at, message } of read.problem)
    report(isList && at !== null ? [at] : [], at === null ? input : texts[at], {
      wrong: message,
      quotes: true,
    });
  return [];
}
