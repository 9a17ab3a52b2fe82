import { describe, expect, it } from 'vitest';
import { contextOf, fitRow } from '../../src/fit/fit-row.ts';
import type { HardwareSettings } from '../../src/machine/hardware.ts';
import { kvBytesPerToken } from '../../src/machine/work.ts';
import { casesOf, hardwareOf, type ModelOfCase, modelOf, relativeDifference } from '../machine/cases.ts';

interface Inputs {
  model: ModelOfCase;
  hardware: HardwareSettings;
  concurrency: number;
  input: number;
  output: number;
}

describe('fit', () => {
  it.each(casesOf<Inputs, object>('fit'))(
    '$name: $what',
    ({ inputs: { concurrency, input, output, ...inputs }, expect: expected, tolerance }) => {
      const model = modelOf(inputs.model);
      const workload = { input_tokens: input, output_tokens: output, concurrency, rate_rps: null };
      const row = fitRow(model, hardwareOf(inputs.hardware), workload);
      const found = {
        ...row,
        model: {
          params: model.parameters.total,
          active_params: model.parameters.active,
          weight_bytes: model.weightBytes,
          kv_bytes_per_token: kvBytesPerToken(model, contextOf(workload)),
        },
      };
      expect(relativeDifference(found, expected)).toBeLessThan(tolerance);
    },
  );

  it('holds exactly the sequences whose cache fits, and not one more', () => {
    const model = modelOf({ config: 'llama-3.1-8b' });
    const hardware = hardwareOf({ accelerator: 'l4' });
    const row = (concurrency: number) =>
      fitRow(model, hardware, { input_tokens: 900, output_tokens: 100, concurrency, rate_rps: null });
    const most = Math.floor(row(1).kv_tokens! / 1000);
    expect(most).toBeGreaterThan(10);
    expect(row(most)).toMatchObject({ fits: true, missing_bytes: 0 });
    expect(row(most + 1).fits).toBe(false);
    // 1.1 · 131,072 bytes for each missing token, of which the last may be missing in part.
    const missing = (most + 1) * 1000 - row(1).kv_tokens!;
    const tokens = row(most + 1).missing_bytes! / (1.1 * 131_072);
    expect(Math.ceil(tokens)).toBe(missing);
  });
});
