/** Prices of tokens, as a provider publishes them. */
export interface Price {
  /** For `per` input tokens that are not from the provider's prefix cache. */
  input: number;
  /** For `per` input tokens from that cache. */
  cachedInput: number;
  /** For `per` output tokens. */
  output: number;
  /** Number of tokens that the prices are for. */
  per: number;
  /** ISO 4217 code. */
  currency: string;
  /** Factor of these prices in a batch; absent: 1. */
  batch?: number;
}

/** The currency of prices per hour, and of a `--price` without one. */
export const DEFAULT_CURRENCY = 'USD';

const SIGNS: Readonly<Record<string, string>> = { $: 'USD', US$: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY' };

const CODES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

export const isCurrency = (code: string): boolean => CODES.has(code);

/** Returns the code that a sign or a code in small letters means; `null` if that is not clear. */
export function currencyMeant(text: string): string | null {
  const code = SIGNS[text] ?? text.toUpperCase();
  return isCurrency(code) ? code : null;
}
