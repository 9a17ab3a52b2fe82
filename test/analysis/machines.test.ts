import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.ts';
import type { Stated } from '../../src/analysis/stated-report.ts';
import { observedIn } from '../../src/analysis/telemetry-observed.ts';
import type { HardwareSettings } from '../../src/machine/hardware.ts';
import type { Model } from '../../src/machine/model.ts';
import { decodeFlop, prefillFlop } from '../../src/machine/work.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import type { Window } from '../../src/record/header.ts';
import type { Scrape } from '../../src/record/telemetry.ts';
import type { Sample } from '../../src/sample.ts';
import { parseGate } from '../../src/slo/grammar.ts';
import { PageReader } from '../../src/telemetry/prometheus-text.ts';
import { audit } from '../../src/verdict/audit.ts';
import { judge } from '../../src/verdict/judge.ts';
import { casesOf, hardwareOf, modelOf, type ModelOfCase, relativeDifference } from '../machine/cases.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf, slosOf } from './headers.ts';

interface Inputs {
  window: Window;
  slo?: Record<string, number>;
  samples: Parameters<typeof sampleOf>[0][];
  model: ModelOfCase;
  hardware: HardwareSettings;
  telemetry?: { target: string; sent_us: number; received_us: number; text: string }[];
  price?: { input: number; cachedInput?: number; output: number };
}

interface Expected {
  tokens: { input: number; output: number; requests: number; good: number };
  machine: { impossible: Record<string, unknown>[] } & Record<string, unknown>;
  cost?: Record<string, unknown>;
  energy: Record<string, unknown>;
}

const CASES = casesOf<Inputs, Expected>('run').map((each) =>
  Object.assign(each, {
    tolerances: (each as unknown as { tolerances?: Record<string, number> }).tolerances ?? {},
  }),
);

const statedIn = ({ model, hardware, price }: Inputs): Stated => ({
  model: modelOf(model),
  hardware: hardwareOf(hardware),
  price:
    price === undefined
      ? null
      : {
          input: price.input,
          cachedInput: price.cachedInput ?? price.input,
          output: price.output,
          per: 1e6,
          currency: 'USD',
        },
});

const scrapesIn = ({ telemetry = [] }: Inputs): Scrape[] =>
  telemetry.map(({ target, sent_us, received_us, text }) => ({
    target,
    sentUs: sent_us,
    receivedUs: received_us,
    error: null,
    values: new PageReader().read(text),
  }));

async function analysed({ inputs }: Pick<(typeof CASES)[number], 'inputs'>) {
  const { window, slo = {}, samples } = inputs;
  const header = headerOf({ window, load: { duration_s: null } });
  const scrapes = scrapesIn(inputs);
  return analyze(header, '', samples.map(sampleOf), slosOf(slo), {
    stated: statedIn(inputs),
    observed: observedIn(scrapes, window),
  });
}

describe.each(CASES)('$name: $what', async (given) => {
  const { expect: wanted, tolerance, tolerances } = given;
  const { report } = await analysed(given);

  /** Returns the paths of figures that differ by more than their tolerance. */
  function differences(actual: unknown, expected: unknown, path: string): string[] {
    if (typeof expected === 'object' && expected !== null)
      return Object.entries(expected).flatMap(([key, value]) =>
        differences((actual as Record<string, unknown> | null)?.[key], value, `${path}.${key}`),
      );
    const allowed = tolerances[path.split('.').at(-1)!] ?? tolerance;
    return relativeDifference(actual, expected) <= allowed
      ? []
      : [`${path}: ${String(actual)}, not ${String(expected)}`];
  }

  test('machine', () => {
    expect(differences(report.machine, wanted.machine, 'machine')).toEqual([]);
    expect(report.machine!.impossible).toHaveLength(wanted.machine.impossible.length);
    for (const { reasons } of report.machine!.impossible) expect(reasons.length).toBeGreaterThan(1);
  });

  test('cost and energy', () => {
    if (wanted.cost === undefined) expect(report.cost).toBeNull();
    else expect(differences(report.cost, wanted.cost, 'cost')).toEqual([]);
    expect(differences(report.energy, wanted.energy, 'energy')).toEqual([]);
  });

  test('the rates have the same figures', () => {
    const { rates, machine, cost, energy } = report;
    expect(rates).toMatchObject({
      mfu: machine!.mfu,
      mbu: machine!.mbu,
      cost_per_good_request: cost?.per_good_request ?? null,
      energy_per_output_token: energy!.per_output_token,
    });
  });
});

/** The FLOP of a run by brute force: every token by itself, from its own arrival. */
function bruteForce(samples: readonly Sample[], { start_us, end_us }: Window, model: Model) {
  const isIn = (at: number): boolean => at > start_us && at <= end_us;
  const figures = new RequestFigures({ loop: 'open', clock: 'planned', deadlines: null });
  let [prefill, decode] = [0, 0];
  for (const sample of samples) {
    figures.read(sample);
    if (figures.tokens.events === 0) continue;
    const arrivals: number[] = [];
    figures.arrivals((at, tokens) => arrivals.push(...Array.from({ length: tokens }, () => at)));
    const input = sample.input_tokens!;
    if (isIn(figures.first_us)) prefill += prefillFlop(model, input, sample.cached_tokens ?? 0);
    arrivals.slice(1).forEach((at, k) => {
      if (isIn(at)) decode += decodeFlop(model, input + k + 1);
    });
  }
  return { prefill, decode };
}

test.each(CASES)(
  '$name: FLOP are the sum over single tokens, and the parts of MFU add up to it',
  async (given) => {
    const { report } = await analysed(given);
    const { machine } = report;
    const { samples, window, model } = given.inputs;
    const wanted = bruteForce(samples.map(sampleOf), window, modelOf(model));
    expect(relativeDifference(machine!.flop, wanted)).toBeLessThan(1e-12);
    const { flops, count } = hardwareOf(given.inputs.hardware);
    const whole =
      (wanted.prefill + wanted.decode) / (count * flops! * ((window.end_us - window.start_us) / 1e6));
    if (machine!.mfu === null) return;
    expect(machine!.mfu).toBeCloseTo(whole, 12);
    expect(machine!.mfu_prefill! + machine!.mfu_decode!).toBeCloseTo(whole, 12);
  },
);

const gateOf = (text: string) => {
  const gate = parseGate(text);
  if (!gate.ok) throw new Error(text);
  return gate.value;
};

test('a gate on a withheld figure makes the run invalid, and says why', async () => {
  const given = CASES.find(({ name }) => name === 'run/impossible-tpot')!;
  const { report, values } = await analysed(given);
  const gates = ['mbu >= 10%', 'mfu >= 10%'].map(gateOf);
  const verdict = judge(report, values, audit(report, values, gates), gates, { strict: false });
  expect(verdict).toMatchObject({ status: 'invalid', exitCode: 98 });
  expect(verdict.gates).toMatchObject([
    { pass: false, invalid: true, reason: expect.stringMatching(/tpot.*below its floor/) as string },
    { pass: true, value: report.machine!.mfu },
  ]);
});

test('a gate on a cost has its currency; without a price there is no data', async () => {
  const caseOf = (wanted: string) => analysed(CASES.find(({ name }) => name === wanted)!);
  const byDevices = await caseOf('run/dense-by-devices');
  const without = await caseOf('run/bundled-events');
  const gates = [gateOf('cost_per_good_request <= 0.00007')];
  const judged = ({ report, values }: typeof byDevices) =>
    judge(report, values, audit(report, values, gates), gates, { strict: false }).gates[0];
  // 0.0008055129… $ for 12 good requests.
  expect(judged(byDevices)).toMatchObject({ pass: true, unit: 'USD' });
  expect(judged(without)).toMatchObject({
    pass: false,
    value: null,
    reason: expect.stringContaining('--price') as string,
  });
});
