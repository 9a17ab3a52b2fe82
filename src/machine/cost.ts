import type { Price } from './price.ts';

/** Tokens that a provider bills. */
export interface BilledTokens {
  /** Input tokens, including cached ones. */
  input: number;
  cached: number;
  output: number;
}

/** The counts by which a cost or an energy is divided. */
export interface Delivered {
  outputTokens: number;
  /** `null`: unknown. */
  inputTokens: number | null;
  /** Successful requests; a share of a request counts in closed loop. */
  requests: number;
  /** Those of them that met every SLO. */
  good: number;
}

/** The cost of a run over its window, or of a batch, in `currency`; `null`: unknown, or divided by 0. */
export interface CostFigures {
  currency: string;
  by: 'devices' | 'price';
  total: number | null;
  per_1m_output: number | null;
  per_1m_total: number | null;
  per_request: number | null;
  per_good_request: number | null;
  /** Share of the prefill, or of the input tokens, 0 to 1. */
  prefill_share: number | null;
}

/** Returns `part` ÷ `whole`; `null` if either is unknown or the whole is 0. */
export const quotient = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null || !(whole > 0) ? null : part / whole;

/** Returns the cost of the input tokens. */
export const costOfInput = (
  { input, cachedInput, per }: Price,
  tokens: Pick<BilledTokens, 'input' | 'cached'>,
): number => ((tokens.input - tokens.cached) * input + tokens.cached * cachedInput) / per;

/** Returns the cost of tokens at a provider's prices. */
export const costOfTokens = (price: Price, tokens: BilledTokens): number =>
  costOfInput(price, tokens) + (tokens.output * price.output) / price.per;

/** Returns the cost of devices over a time. */
export const costOfDevices = (pricePerHour: number, count: number, seconds: number): number =>
  (pricePerHour * count * seconds) / 3600;

/** Returns a total cost, divided by what it paid for. */
export function costFigures(
  { currency, by, total, prefill_share }: Pick<CostFigures, 'currency' | 'by' | 'total' | 'prefill_share'>,
  { outputTokens, inputTokens, requests, good }: Delivered,
): CostFigures {
  const perMillion = (tokens: number | null): number | null =>
    quotient(total === null ? null : total * 1e6, tokens);
  return {
    currency,
    by,
    total,
    per_1m_output: perMillion(outputTokens),
    per_1m_total: perMillion(inputTokens === null ? null : inputTokens + outputTokens),
    per_request: quotient(total, requests),
    per_good_request: quotient(total, good),
    prefill_share,
  };
}
