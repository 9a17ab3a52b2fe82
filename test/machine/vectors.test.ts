import { describe, expect, it } from 'vitest';
import { type Accelerator, findAccelerator, type Precision } from '../../src/machine/accelerators.ts';
import { ridgeByPrecision, tpotFloorSeconds, ttftFloorSeconds } from '../../src/machine/floors.ts';
import type { HardwareSettings } from '../../src/machine/hardware.ts';
import {
  decodeFlop,
  expertsRead,
  kvBytesOfSequence,
  kvBytesPerToken,
  prefillFlop,
  stepBytes,
  streamedWeightBytes,
} from '../../src/machine/work.ts';
import { casesOf, hardwareOf, type ModelOfCase, modelOf, relativeDifference } from './cases.ts';

type Pair = [number, number];

describe('model', () => {
  it.each(casesOf<{ model: ModelOfCase; context: number }, object>('model'))(
    '$name: $what',
    ({ inputs, expect: expected, tolerance }) => {
      const model = modelOf(inputs.model);
      const { parameters } = model;
      const found = {
        params: parameters.total,
        active_params: parameters.active,
        matrix_params: parameters.matrix,
        weight_bytes: model.weightBytes,
        kv_bytes_per_token: kvBytesPerToken(model, inputs.context),
        kv_bytes_of_sequence: kvBytesOfSequence(model, inputs.context),
      };
      expect(relativeDifference(found, expected)).toBeLessThan(tolerance);
    },
  );
});

describe('flop', () => {
  it.each(casesOf<{ model: ModelOfCase; prefill: Pair[]; decode: number[] }, object>('flop'))(
    '$name: $what',
    ({ inputs, expect: expected, tolerance }) => {
      const model = modelOf(inputs.model);
      const found = {
        prefill: inputs.prefill.map(([input, cached]) => prefillFlop(model, input, cached)),
        decode: inputs.decode.map((context) => decodeFlop(model, context)),
      };
      expect(relativeDifference(found, expected)).toBeLessThan(tolerance);
    },
  );
});

describe('step', () => {
  it.each(casesOf<{ model: ModelOfCase; steps: Pair[] }, object>('step'))(
    '$name: $what',
    ({ inputs, expect: expected, tolerance }) => {
      const model = modelOf(inputs.model);
      const found = {
        experts: inputs.steps.map(([sequences]) => expertsRead(model, sequences)),
        weight_bytes: inputs.steps.map(([sequences]) => streamedWeightBytes(model, sequences)),
        bytes: inputs.steps.map(([sequences, context]) => stepBytes(model, sequences, context)),
      };
      expect(relativeDifference(found, expected)).toBeLessThan(tolerance);
    },
  );
});

describe('ridge', () => {
  it.each(casesOf<{ accelerators: string[] }, Record<string, Record<Precision, number | null>>>('ridge'))(
    '$name: $what',
    ({ inputs, expect: expected, tolerance }) => {
      const found = Object.fromEntries(
        inputs.accelerators.map((id) => [id, ridgeByPrecision(findAccelerator(id) as Accelerator)]),
      );
      expect(relativeDifference(found, expected)).toBeLessThan(tolerance);
    },
  );
});

interface FloorInputs {
  model: ModelOfCase;
  hardware: HardwareSettings;
  batch: number;
  context: number;
  input: number;
}

describe('floors', () => {
  it.each(casesOf<FloorInputs, object>('floors'))(
    '$name: $what',
    ({ inputs, expect: expected, tolerance }) => {
      const model = modelOf(inputs.model);
      const hardware = hardwareOf(inputs.hardware);
      const found = {
        ttft_ms: ttftFloorSeconds(model, hardware, inputs.input)! * 1000,
        tpot_ms: tpotFloorSeconds(model, hardware, inputs.batch, inputs.context)! * 1000,
      };
      expect(relativeDifference(found, expected)).toBeLessThan(tolerance);
    },
  );
});
