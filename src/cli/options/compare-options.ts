import type { OptionName } from '../../scenario/keys/option-table.ts';

/** The options of `run` that `compare` has too. */
export const COMPARE_OPTIONS: readonly OptionName[] = [
  'tolerance',
  'fail-on',
  'decide',
  'slo',
  'slo-preset',
  'format',
  'output',
  'json',
  'no-color',
  'quiet',
  'strict',
];
