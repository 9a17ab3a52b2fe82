import { type Delivered, quotient } from './cost.ts';

/** Energy over the window of a run, of all devices together. */
export interface EnergyFigures {
  /** `counter`: an energy counter. `power`: the mean of power samples. `tdp`: the thermal design power of the devices. */
  from: 'counter' | 'power' | 'tdp';
  /** True for `tdp`, which is the heat that cooling must remove, and not the power drawn. */
  upper_bound: boolean;
  joule: number;
  /** Joules. */
  per_output_token: number | null;
  per_request: number | null;
  per_good_request: number | null;
  mean_watt: number;
}

/** Returns an energy, divided by what it delivered. */
export const energyFigures = (
  { from, joule, mean_watt }: Pick<EnergyFigures, 'from' | 'joule' | 'mean_watt'>,
  { outputTokens, requests, good }: Delivered,
): EnergyFigures => ({
  from,
  upper_bound: from === 'tdp',
  joule,
  per_output_token: quotient(joule, outputTokens),
  per_request: quotient(joule, requests),
  per_good_request: quotient(joule, good),
  mean_watt,
});
