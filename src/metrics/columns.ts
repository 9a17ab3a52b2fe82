import type { Metric } from './metric.ts';

export type Columns = Omit<Metric, 'name'>;
/** The columns of a metric: those without a default, and any others. */
type Declared<Defaults> = Omit<Columns, keyof Defaults> & Partial<Columns>;

/** The columns of most metrics. */
export const NONE = {
  isShare: false,
  isHiddenByFailures: false,
  countsTokens: false,
  needsStream: false,
  needsTokens: false,
  countsGood: false,
  isClientDelay: false,
  perMinuteOf: null,
  series: null,
  needsLimits: [],
  needsStated: null,
  needsFacts: [],
  whenCut: 'undecided',
  decides: [],
  textLine: null,
} as const;

export const COUNTS_TOKENS = { countsTokens: true, needsTokens: true };

/** Returns a function that fills in the columns that a metric does not declare. The types of the declared ones stay literal. */
export const filling =
  <Defaults extends Partial<Columns>>(defaults: Defaults) =>
  <const D extends Declared<Defaults>>(declared: D) =>
    ({ ...defaults, ...declared }) as Omit<Defaults, keyof D> & D;
