import type { OptionName } from '../../scenario/keys/option-table.ts';
import type { OwnOption } from './command-spec.ts';

/** Options that only `goodput fit` has. */
export const FIT_OPTIONS: readonly OwnOption[] = [
  {
    name: 'hardware',
    value: 'NAME[:N],...',
    help: 'accelerators to compare (h100-sxm,l40s:2); goodput hardware lists them',
  },
  {
    name: 'count',
    value: 'N,...',
    help: 'numbers of devices to try, of accelerators without :N',
    fallback: '1',
  },
  {
    name: 'prices',
    value: 'FILE',
    help: 'YAML file with the price of one device per hour, by accelerator',
    values: 'file',
  },
  { name: 'target', value: 'SHARE', help: 'share of requests that must meet every SLO', fallback: '90%' },
  {
    name: 'budget',
    value: 'TIME',
    help: 'measuring time of each capacity search, on the virtual clock',
    fallback: '30m',
  },
  {
    name: 'width',
    value: 'SHARE',
    help: 'end a search when both ends of the 90% interval are this close to the estimate',
    fallback: '10%',
  },
  {
    name: 'mfu',
    value: 'SHARE',
    help: 'share of the peak FLOP/s that is reached (60%, 50% on several devices)',
  },
  {
    name: 'mbu',
    value: 'SHARE',
    help: 'share of the peak bandwidth that is reached (70%, 55% on several devices)',
  },
  { name: 'overhead', value: 'TIME', help: 'time that a step takes besides its computation (500us)' },
  {
    name: 'calibrate-from',
    value: 'RUN',
    help: 'run folder from which mfu, mbu and overhead are taken',
    values: 'folder',
  },
  { name: 'measured-on', value: 'NAME[:N]', help: 'machine of that run, if run.json does not say' },
  { name: 'json', value: null, help: 'print one JSON document' },
];

/** Options of `run` that describe the model, the workload and the SLOs. */
export const FIT_SHARED: readonly OptionName[] = [
  'model-config',
  'input-tokens',
  'output-tokens',
  'data',
  'prompts',
  'slo',
  'slo-preset',
  'rate',
  'concurrency',
  'arrivals',
  'burstiness',
  'engine',
  'seed',
  'out',
  'quiet',
  'no-color',
];

/** Values of these options as given. */
export interface FitFlags {
  hardware?: string;
  count?: string;
  prices?: string;
  target?: string;
  budget?: string;
  width?: string;
  mfu?: string;
  mbu?: string;
  overhead?: string;
  'calibrate-from'?: string;
  'measured-on'?: string;
  json?: true;
}
