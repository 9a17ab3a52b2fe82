import { ABOUT_COMPARING, type OptionName } from '../scenario/keys/options.ts';
import type { OwnOption } from './command.ts';

/** Options of `goodput capacity` alone. */
export const CAPACITY_OPTIONS: readonly OwnOption[] = [
  { name: 'target', value: 'SHARE', help: 'share of requests that must meet every SLO', fallback: '90%' },
  { name: 'budget', value: 'TIME', help: 'measuring time to spend', fallback: '30m' },
  {
    name: 'width',
    value: 'SHARE',
    help: 'stop when both ends of the 90 % interval are so near to the estimate',
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
  { name: 'virtual', value: null, help: 'search on the simulated clock: nothing is sent' },
];

/** What the search decides by itself, or what decides nothing in it. */
export const CAPACITY_LEFT_OUT: readonly OptionName[] = [
  ...ABOUT_COMPARING,
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
  'audit-truth',
  'require-endpoint',
  'slo-grid',
];

/** A sweep has a form of its own. */
export const SWEEP_LEFT_OUT: readonly OptionName[] = [
  ...ABOUT_COMPARING,
  'audit-truth',
  'require-endpoint',
  'slo-grid',
];
