import { metricNamed } from '../metrics/registry.ts';
import type { ComparedRun } from './compared-run.ts';

type Priced = Pick<ComparedRun, 'report'>;

/** Returns the currency of the cost of each run; `null` without a cost. */
export const currenciesOf = (runs: readonly Priced[]): (string | null)[] =>
  runs.map(({ report }) => report.cost?.currency ?? null);

/** Returns the one currency; `null` if there are several, or one is unknown. */
export function commonCurrency(currencies: readonly (string | null)[]): string | null {
  const [first = null, ...others] = new Set(currencies);
  return others.length > 0 ? null : first;
}

/** Returns true if the costs of these runs are in several currencies, so that they cannot be compared. */
export const areMixed = (runs: readonly Priced[]): boolean =>
  new Set(currenciesOf(runs).filter((currency) => currency !== null)).size > 1;

/** Returns the unit of a metric of these runs; that of a cost is its currency. */
export function unitIn(metric: string, runs: readonly Priced[]): string {
  const { unit } = metricNamed(metric)!;
  return unit === 'currency' ? (commonCurrency(currenciesOf(runs)) ?? unit) : unit;
}
