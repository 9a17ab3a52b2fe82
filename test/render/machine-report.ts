import type { MachineReport } from '../../src/analysis/machine-report.ts';

/** A device of 100 TFLOP/s and 1 TB/s: its ridge is 100 FLOP per byte. */
export const MACHINE: MachineReport = {
  accelerator: 'toy',
  count: 2,
  precision: 'bf16',
  model: { params: 8e9, active_params: 8e9, weight_bytes: 16e9, kv_bytes_per_token: 131_072 },
  flop: { prefill: 1, decode: 1 },
  mfu: 0.4,
  mfu_prefill: 0.3,
  mfu_decode: 0.1,
  mbu: 0.5,
  batch: { value: 8, from: 'client' },
  step_ms: 10,
  context_tokens: 600,
  intensity: { prefill: 400, decode: 4 },
  ridge: 100,
  peak: { flops: 100e12, bandwidth: 1e12 },
  reached: { prefill: 50e12, decode: 1e12 },
  bound: { prefill: 'compute', decode: 'bandwidth' },
  floors: { ttft_ms: 10, tpot_ms: 5 },
  impossible: [],
  unverified: [],
  assumptions: ['an assumption'],
};
