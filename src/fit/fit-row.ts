import { tpotFloorSeconds, ttftFloorSeconds } from '../machine/floors.ts';
import type { Hardware } from '../machine/hardware.ts';
import type { Model } from '../machine/model.ts';
import type { FitRow, FitWorkload } from './fit-document.ts';
import { memoryFit } from './memory-fit.ts';

/** Returns the mean context of a decoded token. */
export const contextOf = ({ input_tokens, output_tokens }: FitWorkload): number =>
  input_tokens + output_tokens / 2;

/** Returns the row of a machine before anything is simulated. */
export function fitRow(model: Model, hardware: Hardware, workload: FitWorkload): FitRow {
  const { input_tokens, output_tokens, concurrency } = workload;
  const memory = memoryFit(model, hardware, { concurrency, tokens: input_tokens + output_tokens });
  const ms = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);
  return {
    accelerator: hardware.accelerator,
    name: hardware.name,
    count: hardware.count,
    precision: hardware.precision,
    fits: memory.fits,
    divides: memory.divides,
    missing_bytes: memory.missingBytes,
    weight_bytes: model.weightBytes,
    kv_tokens: memory.kvTokens,
    floors: {
      ttft_ms: ms(ttftFloorSeconds(model, hardware, input_tokens)),
      tpot_ms: ms(tpotFloorSeconds(model, hardware, concurrency, contextOf(workload))),
    },
    simulated: null,
    capacity: null,
    price_per_hour: hardware.pricePerHour === null ? null : hardware.pricePerHour * hardware.count,
    per_1m_output: null,
    per_good_request: null,
    best: false,
    unverified: hardware.unverified.filter((figure) => figure !== 'tdp'),
  };
}
