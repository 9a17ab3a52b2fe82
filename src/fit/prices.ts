import { readFile } from 'node:fs/promises';
import { didYouMean, GoodputError } from '../errors.ts';
import { accelerators } from '../machine/accelerators.ts';
import { DEFAULT_CURRENCY, isCurrency } from '../machine/price.ts';
import { readScenarioFile } from '../scenario/file.ts';
import { reasonOf } from '../system-errors.ts';

/** Prices of accelerators, each of one device per hour. */
export interface HourlyPrices {
  currency: string;
  /** By the id in the catalogue. */
  perHour: ReadonlyMap<string, number>;
}

export const NO_PRICES: HourlyPrices = { currency: DEFAULT_CURRENCY, perHour: new Map() };

const CURRENCY_KEY = 'currency';

/**
 * Reads a file of prices: a map from accelerators to the price of one device per hour, and optionally `currency`.
 * @throws {GoodputError} kind `usage` that lists every mistake as `file:line:column`
 */
export async function readPrices(path: string): Promise<HourlyPrices> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new GoodputError('usage', `cannot read the prices ${path}: ${reasonOf(error)}`, {
      hint: 'A file of prices has lines like h100-sxm: 2.49, the price of one device per hour.',
      cause: error,
    });
  }
  const file = readScenarioFile(path, text);
  const mistakes = file.mistakes.map(({ position, message }) => ({ position, message }));
  const ids = accelerators().map(({ id }) => id);
  const perHour = new Map<string, number>();
  let currency = DEFAULT_CURRENCY;
  for (const [key, value] of file.broken ? [] : Object.entries(file.tree)) {
    const wrong = (at: 'key' | 'value', message: string): unknown =>
      mistakes.push({ position: file.locate([key], at), message });
    if (key === CURRENCY_KEY) {
      if (typeof value === 'string' && isCurrency(value)) currency = value;
      else wrong('value', 'currency: expected the ISO 4217 code of a currency, like USD');
    } else if (!ids.includes(key)) {
      const meant = didYouMean(key, [...ids, CURRENCY_KEY]);
      wrong(
        'key',
        `unknown accelerator ${JSON.stringify(key)}${meant === null ? '; goodput hardware lists all' : ` (did you mean ${JSON.stringify(meant)}?)`}`,
      );
    } else if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) perHour.set(key, value);
    else wrong('value', `${key}: expected the price of one device per hour, a number of at least 0`);
  }
  if (mistakes.length > 0)
    throw new GoodputError(
      'usage',
      mistakes
        .map(({ position: { line, column }, message }) => `${path}:${line}:${column}: ${message}`)
        .join('\n'),
    );
  return { currency, perHour };
}
