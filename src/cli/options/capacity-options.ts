import { ABOUT_COMPARING, ABOUT_RANKS, type OptionName } from '../../scenario/keys/option-table.ts';
import type { OwnOption } from './command-spec.ts';

/** Options that only `goodput capacity` has. */
export const CAPACITY_OPTIONS: readonly OwnOption[] = [
  { name: 'target', value: 'SHARE', help: 'share of requests that must meet every SLO', fallback: '90%' },
  { name: 'budget', value: 'TIME', help: 'measuring time to spend', fallback: '30m' },
  {
    name: 'width',
    value: 'SHARE',
    help: 'stop when both ends of the 90% interval are this close to the estimate',
    fallback: '10%',
  },
  {
    name: 'by',
    value: 'AXIS',
    help: 'what to raise: rate or concurrency',
    fallback: 'rate',
    values: { words: ['rate', 'concurrency'] },
  },
  { name: 'gpus', value: 'N', help: 'GPUs of the server, for goodput per GPU' },
  { name: 'virtual', value: null, help: 'search on a virtual clock: nothing is sent' },
];

/** Values of these options as given. */
export interface CapacityFlags {
  target?: string;
  budget?: string;
  width?: string;
  by?: string;
  gpus?: string;
  virtual?: true;
}

/** Options of `run` that a capacity search sets itself or that have no meaning in it. */
export const CAPACITY_EXCLUDED: readonly OptionName[] = [
  ...ABOUT_COMPARING,
  ...ABOUT_RANKS,
  'rate',
  'concurrency',
  'max-concurrency',
  'duration',
  'requests',
  'warmup',
  'drain',
  'gate',
  'strict',
  'fail-fast',
  'keep-text',
  'events',
  'push-otlp',
  'plots',
  'audit-truth',
  'require-endpoint',
  'slo-grid',
];

/** Options of `run` that have no meaning in a sweep. */
export const SWEEP_EXCLUDED: readonly OptionName[] = [
  ...ABOUT_COMPARING,
  ...ABOUT_RANKS,
  'events',
  'push-otlp',
  'plots',
  'audit-truth',
  'require-endpoint',
  'slo-grid',
];
