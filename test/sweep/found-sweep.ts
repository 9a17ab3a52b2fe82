import type { FoundSweep } from '../../src/render/sweep/sweep.ts';
import { documentOf, type SweepPoint } from '../../src/sweep/sweep-document.ts';

/** The figures of a run; `null`: it has none. */
export interface Measured {
  output_tps: number | null;
  user_tps: number | null;
  ttft: number | null;
  tpot: number | null;
  attainment: number | null;
  goodput_rps: number | null;
}

/** Returns the figures of a server that slows down from a rate of 40 on. */
export const slowing = (rate: number): Measured => ({
  output_tps: Math.min(rate, 45) * 100,
  user_tps: rate < 40 ? 120 - rate : 6000 / rate - 100,
  ttft: rate < 40 ? 20 + rate : rate * 20,
  tpot: rate < 40 ? 8 + rate / 10 : rate / 2,
  attainment: rate < 40 ? 1 : 0.4,
  goodput_rps: rate < 40 ? rate : rate * 0.4,
});

interface Options {
  name?: string;
  figures?: (rate: number) => Measured;
  invalid?: readonly number[];
  planned?: number;
  lengths?: readonly number[];
  hasSlo?: boolean;
}

/** Returns a sweep over rates whose runs have known figures. */
export function sweptOver(
  rates: readonly number[],
  { name = 'chat', figures = slowing, invalid = [], planned, lengths = [], hasSlo = true }: Options = {},
): FoundSweep {
  const all = (lengths.length === 0 ? [null] : lengths).flatMap((output) =>
    rates.map((rate) => ({ rate, output })),
  );
  const points = all.map(({ rate, output }, k): SweepPoint => {
    const { output_tps, user_tps, ttft, tpot, attainment, goodput_rps } = figures(rate);
    const audit = invalid.includes(rate)
      ? { status: 'invalid', reasons: [`no request of ${name} succeeded`] }
      : { status: 'valid', reasons: [] };
    const summary = {
      audit,
      run: { status: 'complete' },
      tokens: { unit: 'token', from: { usage: 1 } },
      load: {},
      machine: null,
      cost: null,
      energy: null,
      telemetry: null,
      slo: hasSlo ? {} : null,
      rates: { output_tps, attainment: hasSlo ? attainment : null, rps: rate, goodput_rps, error_rate: 0 },
      metrics: {
        ttft: { p50: ttft, p95: ttft === null ? null : ttft * 2, p99: ttft === null ? null : ttft * 3 },
        tpot: { p50: tpot, p95: tpot === null ? null : tpot * 1.5 },
        user_tps: { p50: user_tps },
        e2e: { p50: 1000 },
      },
    } as unknown as SweepPoint['summary'];
    return {
      point: k + 1,
      repeat: 1,
      seed: 1,
      rate_rps: rate,
      concurrency: null,
      input_tokens: null,
      output_tokens: output,
      run: `point-${k + 1}`,
      status: 'complete',
      summary,
    };
  });
  return {
    document: documentOf({ name, seed: 1, planned: planned ?? points.length, simulated: false }, points),
    dir: 'reports/sweep',
  };
}
