import { expect, test } from 'vitest';
import { costFigures, costOfDevices, costOfTokens } from '../../src/machine/cost.ts';
import { casesOf } from './cases.ts';

interface Inputs {
  formula: string;
  pricePerHour: number;
  tokens_per_s: number;
  input: number;
  output: number;
  price: { input: number; output: number };
}
const cases = casesOf<Inputs, Record<string, number>>('arithmetic').filter(({ inputs }) =>
  inputs.formula.startsWith('cost'),
);

test.each(cases)('$name: $what', ({ inputs, expect: expected, tolerance }) => {
  const isByToken = inputs.formula === 'cost_per_request';
  const total = isByToken
    ? costOfTokens(
        { ...inputs.price, cachedInput: inputs.price.input, per: 1e6, currency: 'USD' },
        { input: inputs.input, cached: 0, output: inputs.output },
      )
    : costOfDevices(inputs.pricePerHour, 1, 60);
  const found = costFigures(
    { currency: 'USD', by: isByToken ? 'price' : 'devices', total, prefill_share: null },
    { outputTokens: 60 * inputs.tokens_per_s, inputTokens: null, requests: 1, good: 0 },
  );
  for (const [figure, value] of Object.entries(expected)) {
    expect(Math.abs(found[figure as 'per_request']! / value - 1)).toBeLessThan(tolerance);
  }
  expect(found.per_good_request).toBeNull();
});
