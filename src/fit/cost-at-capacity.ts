import type { CapacityDocument } from '../capacity/capacity-document.ts';
import { costFigures } from '../machine/cost.ts';

/** Costs at the capacity of a machine. */
export interface CostAtCapacity {
  per_1m_output: number | null;
  per_good_request: number | null;
}

const NONE: CostAtCapacity = { per_1m_output: null, per_good_request: null };
const SECONDS_PER_HOUR = 3600;

/** Returns requests per second at the capacity; where the SLO is never the limit, the highest rate that completed. */
export function requestRate(capacity: CapacityDocument): number | null {
  if (capacity.unit === 'sessions') return capacity.completed_rps;
  return capacity.status === 'never_the_limit' ? capacity.completed_rps : capacity.capacity_rps;
}

/** Returns the cost of the price per hour of the whole machine, spread over what it serves at its capacity, at which `target` are good. */
export function costAtCapacity(
  capacity: CapacityDocument | null,
  pricePerHour: number | null,
  { currency, outputTokens }: { currency: string; outputTokens: number },
): CostAtCapacity {
  const rate = capacity === null ? null : requestRate(capacity);
  if (pricePerHour === null || capacity === null || rate === null || rate === 0) return NONE;
  const requests = rate * SECONDS_PER_HOUR;
  const { per_1m_output, per_good_request } = costFigures(
    { currency, by: 'devices', total: pricePerHour, prefill_share: null },
    {
      outputTokens: requests * outputTokens,
      inputTokens: null,
      requests,
      good: requests * capacity.target,
    },
  );
  return { per_1m_output, per_good_request };
}
