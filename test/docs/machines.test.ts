import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.ts';
import { costFigures, costOfDevices, costOfInput, costOfTokens } from '../../src/machine/cost.ts';
import { share, significant } from '../../src/numbers.ts';
import { headerOf } from '../analysis/headers.ts';
import { hardwareOf, modelOf } from '../machine/cases.ts';
import { sampleOf } from '../metrics/samples.ts';

/** Returns the values of the table of a page that has this row, by the names of its rows. */
function valuesIn(page: string, row: string): Map<string, string> {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', page), 'utf8');
  const table = text.split('\n\n').find((block) => block.includes(`| ${row} |`))!;
  const cells = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(cells.map(([, name = '', , value = '']) => [name, value]));
}

/** A request of 1000 input tokens that starts at an instant: the first token takes 50 ms, each of ten more 10 ms. */
const request = (i: number, at_us: number) =>
  sampleOf({
    i,
    planned_us: at_us,
    sent_us: at_us,
    ended_us: at_us + 150_000,
    events_us: [at_us + 50_000, ...Array.from({ length: 10 }, () => 10_000)],
    answer: 0,
    outcome: 'ok',
    status: 200,
    finish: 'length',
    input_tokens: 1000,
    cached_tokens: 0,
    output_tokens: 11,
    tokens_from: 'usage',
  });

test('the worked example of docs/machines.md has the figures of a report', async () => {
  const window = { start_us: 0, end_us: 1_000_000 };
  const { report } = await analyze(
    headerOf({ window, load: { duration_s: 1 } }),
    '',
    [request(0, 1000), request(1, 200_000)],
    [],
    {
      stated: {
        hardware: hardwareOf({ accelerator: 'h100-sxm', pricePerHour: 3.6 }),
        model: modelOf({ config: 'llama-3.1-8b' }),
        price: null,
      },
    },
  );
  const { machine, cost, energy } = report;
  const flopPerByte = (value: number | null): string => `${significant(value)} FLOP/byte`;
  const wanted = {
    'MFU of prefill': share(machine!.mfu_prefill),
    'MFU of decode': share(machine!.mfu_decode),
    MBU: share(machine!.mbu),
    'intensity of prefill': flopPerByte(machine!.intensity.prefill),
    'intensity of decode': flopPerByte(machine!.intensity.decode),
    ridge: flopPerByte(machine!.ridge),
    'floor of TTFT': `${significant(machine!.floors.ttft_ms)} ms`,
    'floor of TPOT': `${significant(machine!.floors.tpot_ms)} ms`,
    'cost per request': `${significant(cost!.per_request)} USD`,
    'energy per token, at most': `${significant(energy!.per_output_token)} J`,
  };
  expect(Object.fromEntries(valuesIn('machines.md', 'MBU'))).toMatchObject(wanted);
});

test('the worked example of docs/cost.md has the figures of the arithmetic', () => {
  const price = { input: 0.15, cachedInput: 0.075, output: 0.6, per: 1e6, currency: 'USD' };
  const tokens = { input: 100_000, cached: 40_000, output: 20_000 };
  const total = costOfTokens(price, tokens);
  const figures = costFigures(
    { currency: 'USD', by: 'price', total, prefill_share: costOfInput(price, tokens) / total },
    { inputTokens: tokens.input, outputTokens: tokens.output, requests: 100, good: 80 },
  );
  const written = valuesIn('cost.md', 'total');
  const number = (row: string): number => Number.parseFloat(written.get(row)!);
  for (const [row, value] of [
    ['total', figures.total],
    ['per 1M output tokens', figures.per_1m_output],
    ['per 1M tokens', figures.per_1m_total],
    ['per request', figures.per_request],
    ['per good request', figures.per_good_request],
  ] as const)
    expect([row, number(row)]).toEqual([row, expect.closeTo(value!, 12)]);
  expect(written.get('share of the input')).toBe(share(figures.prefill_share));
  expect(number('uncached input') + number('cached input') + number('output')).toBeCloseTo(total, 12);
  expect(costOfDevices(2.49, 1, 60)).toBeCloseTo(0.0415, 12);
});
