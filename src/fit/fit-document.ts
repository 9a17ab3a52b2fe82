import type { CapacityDocument } from '../capacity/capacity-document.ts';
import type { HardwareFigure } from '../machine/hardware.ts';
import type { Precision } from '../machine/accelerators.ts';
import type { Assumed } from './assumptions.ts';
import type { Calibration } from './calibration.ts';

/** The mean request of the workload, and how many are at once. */
export interface FitWorkload {
  input_tokens: number;
  output_tokens: number;
  /** Sequences at once, for memory and floors. */
  concurrency: number;
  /** Requests per second of the simulated latencies; `null`: `concurrency` requests in flight. */
  rate_rps: number | null;
}

/** One machine of the answer. */
export interface FitRow {
  accelerator: string;
  name: string;
  count: number;
  precision: Precision;
  fits: boolean;
  /** True if the number of devices divides the attention heads. */
  divides: boolean;
  /** Bytes that one device lacks; `null`: its memory is unknown. */
  missing_bytes: number | null;
  /** Bytes of the whole model. */
  weight_bytes: number;
  kv_tokens: number | null;
  floors: { ttft_ms: number | null; tpot_ms: number | null };
  /** Medians of the simulated engine; `null` where the model does not fit or a peak is unknown. */
  simulated: { ttft_ms: number | null; tpot_ms: number | null } | null;
  /** `null` without an SLO, where the model does not fit, or if the search did not begin. */
  capacity: CapacityDocument | null;
  price_per_hour: number | null;
  /** At capacity; `null` without a price or a capacity. */
  per_1m_output: number | null;
  per_good_request: number | null;
  best: boolean;
  /** Figures of the catalogue in use that no source confirms. */
  unverified: readonly HardwareFigure[];
}

/** The document that `goodput fit --json` prints. */
export interface FitDocument {
  schemaVersion: number;
  model: { params: number; active_params: number; weight_bytes: number; kv_bytes_per_token: number };
  workload: FitWorkload;
  slo: readonly string[];
  /** Share of good requests that a capacity is for. */
  target: number;
  assumed: Assumed & { calibration: Calibration | null };
  currency: string;
  /** The meaning of `best`: the lowest cost per good request, the highest capacity per device, or the lowest price per hour. */
  best_by: 'per_good_request' | 'capacity_per_device' | 'price_per_hour' | null;
  rows: FitRow[];
  notes: string[];
  verdict: { status: 'none' | 'interrupted'; exitCode: number };
}
