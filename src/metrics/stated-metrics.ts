import { COUNTS_TOKENS, filling, NONE } from './columns.ts';

const MACHINE = {
  ...NONE,
  kind: 'run',
  unit: 'ratio',
  isShare: true,
  better: 'higher',
  needsStated: 'machine',
  needs: 'hardware and model',
} as const;
const COST = {
  ...NONE,
  kind: 'run',
  unit: 'currency',
  better: 'lower',
  needsStated: 'cost',
  needs: 'a price of tokens or of devices',
  needsFacts: ['starts'],
} as const;
const ENERGY = {
  ...NONE,
  kind: 'run',
  unit: 'J',
  better: 'lower',
  needsStated: 'energy',
  needs: 'hardware, or telemetry of power or energy',
  needsFacts: ['starts'],
} as const;

const machine = filling(MACHINE);
const cost = filling(COST);
const energy = filling(ENERGY);

/** The metrics that need statements about the machine or about prices. Their formulas are in `analysis/run-formulas.ts`, too. */
export const STATED_METRICS = {
  mfu: machine({
    label: 'Model FLOP utilisation',
    formula: 'mfu_prefill + mfu_decode',
    ...COUNTS_TOKENS,
    needsFacts: ['starts', 'tokens'],
  }),
  mfu_prefill: machine({
    label: 'Model FLOP utilisation, prefill',
    formula: 'FLOP of the prompts whose first token arrived in W ÷ (W × devices × peak FLOP/s)',
    needsFacts: ['starts'],
  }),
  mfu_decode: machine({
    label: 'Model FLOP utilisation, decode',
    formula: 'FLOP of the later tokens that arrived in W ÷ (W × devices × peak FLOP/s)',
    ...COUNTS_TOKENS,
    needsFacts: ['starts', 'tokens'],
  }),
  mbu: machine({
    label: 'Memory bandwidth utilisation',
    formula: 'bytes of a decode step ÷ (its time × devices × peak bytes/s)',
    ...COUNTS_TOKENS,
    needsStream: true,
    needsFacts: ['starts', 'gaps', 'tokens'],
  }),
  cost_per_1m_output: cost({
    label: 'Cost per million output tokens',
    formula: 'cost of W ÷ output tokens that arrived in W × 1,000,000',
    ...COUNTS_TOKENS,
    needsFacts: ['starts', 'tokens'],
  }),
  cost_per_1m_total: cost({
    label: 'Cost per million tokens, input and output',
    formula: 'cost of W ÷ input and output tokens of W × 1,000,000',
    ...COUNTS_TOKENS,
    needsFacts: ['starts', 'tokens'],
  }),
  cost_per_request: cost({
    label: 'Cost per request',
    formula: 'cost of W ÷ requests completed successfully in W',
  }),
  cost_per_good_request: cost({
    label: 'Cost per good request',
    formula: 'cost of W ÷ good requests completed in W',
    countsGood: true,
    needsFacts: ['starts', 'failures'],
  }),
  energy_per_output_token: energy({
    label: 'Energy per output token',
    formula: 'energy of W ÷ output tokens that arrived in W',
    ...COUNTS_TOKENS,
    needsFacts: ['starts', 'tokens'],
  }),
  energy_per_request: energy({
    label: 'Energy per request',
    formula: 'energy of W ÷ requests completed successfully in W',
  }),
  energy_per_good_request: energy({
    label: 'Energy per good request',
    formula: 'energy of W ÷ good requests completed in W',
    countsGood: true,
    needsFacts: ['starts', 'failures'],
  }),
} as const;
