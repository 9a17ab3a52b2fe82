import { ABOUT_COMPARING, type OptionName } from '../../scenario/keys/option-table.ts';
import { allExcept } from './command-spec.ts';

/** The options of `run` that mean nothing in a batch: it has no latencies, no load workers and no streams. */
const OF_RUNS: readonly OptionName[] = [
  ...ABOUT_COMPARING,
  'slo',
  'slo-preset',
  'slo-grid',
  'gate',
  'workers',
  'preconnect',
  'keep-text',
  'events',
  'push-otlp',
  'audit-truth',
  'plots',
  'strict',
  'fail-fast',
];

export const BATCH_FLAGS = allExcept(...OF_RUNS);
