import { z } from 'zod';
import { findAccelerator, PRECISIONS } from '../../machine/accelerators.ts';
import { currencyMeant, isCurrency } from '../../machine/price.ts';
import { amount, count, field, oneOf, size } from './fields.ts';
import type { Checked, Located } from './problem.ts';
import { isMap, type Tree, valueAt } from './map.ts';

/** An accelerator without a catalogued peak could be another one, so an unknown name is refused. */
function readAccelerator(input: unknown): Checked<string> {
  const expected = 'the name of an accelerator, like h100-sxm; goodput hardware lists all of them';
  if (typeof input !== 'string' || input.trim() === '') return { ok: false, problem: { expected } };
  const found = findAccelerator(input);
  if (!('nearest' in found)) return { ok: true, value: input };
  const wrong = `${JSON.stringify(input)} is not in the catalogue of accelerators`;
  return { ok: false, problem: { wrong, quotes: true, expected, meant: found.nearest.join(' or ') || null } };
}

/** The section `hardware`. */
export const hardwareSchema = z
  .strictObject(
    {
      accelerator: field(readAccelerator, {
        type: 'name of an accelerator',
        description: 'Name of the accelerator in the catalogue (`goodput hardware` lists it).',
        json: { type: 'string', minLength: 1 },
        examples: ['h100-sxm'],
      }),
      count: count('Number of devices that serve the model together.', { min: 1, max: 1_000_000 }).prefault(
        1,
      ),
      precision: oneOf(
        PRECISIONS,
        'Precision of the arithmetic, which decides the peak. Default: bf16, or fp16 if the catalogue has no bf16 figure.',
        { examples: ['bf16'] },
      ).optional(),
      memory: size('Memory of one device. Default: that of the catalogue.').optional(),
      pricePerHour: amount(
        'Price of one device per hour, in US dollars.',
        { min: 0 },
        { examples: [2.49] },
      ).optional(),
      peakFlops: amount(
        'Peak of one device in FLOP/s, dense, instead of the figure of the catalogue.',
        { above: 0 },
        { examples: [989e12] },
      ).optional(),
      peakBandwidth: amount(
        'Peak memory bandwidth of one device in bytes/s, instead of the figure of the catalogue.',
        { above: 0 },
        { examples: [3350e9] },
      ).optional(),
    },
    { error: 'a map like { accelerator: h100-sxm, count: 4 }' },
  )
  .meta({
    description:
      'The machine that serves the model, for MFU, MBU, floors, cost and energy ([machines.md](machines.md)). Nothing is assumed: without it the report has none of them.',
  });

function readConfig(input: unknown): Checked<string | Tree> {
  if (typeof input === 'string' && input.trim() !== '') return { ok: true, value: input };
  if (isMap(input)) return { ok: true, value: input };
  return { ok: false, problem: { expected: 'the path of a config.json, or its content' } };
}

/** The section `model`. */
export const modelSchema = z
  .strictObject(
    {
      config: field(readConfig, {
        type: 'path or map',
        description:
          'The `config.json` of the model as on the Hugging Face hub, relative to the scenario file, or its content. `run.json` keeps the content.',
        json: { anyOf: [{ type: 'string', minLength: 1 }, { type: 'object' }] },
        examples: ['config.json'],
      }),
      weightBytes: amount(
        'Bytes per weight as served.',
        { above: 0, max: 16 },
        { fallback: 2, unless: ['model.weights'] },
      ).optional(),
      kvBytes: amount('Bytes per element of the KV cache.', { above: 0, max: 16 }).prefault(2),
      weights: size('Size of all weights as served, instead of `weightBytes`.', {
        examples: ['16.1GB'],
      }).optional(),
    },
    { error: 'a map like { config: config.json, weightBytes: 2 }' },
  )
  .meta({ description: 'The architecture of the served model, for MFU, MBU and floors.' });

function readCurrency(input: unknown): Checked<string> {
  if (typeof input === 'string' && isCurrency(input)) return { ok: true, value: input };
  const meant = typeof input === 'string' ? currencyMeant(input) : null;
  return { ok: false, problem: { expected: 'the ISO 4217 code of a currency, like USD', meant } };
}

/** The section `price`. */
export const priceSchema = z
  .strictObject(
    {
      input: amount('Price of `per` input tokens.', { min: 0 }, { examples: [0.15] }),
      cachedInput: amount(
        'Price of `per` input tokens from the prefix cache. Default: that of `input`.',
        { min: 0 },
        { examples: [0.075] },
      ).optional(),
      output: amount('Price of `per` output tokens.', { min: 0 }, { examples: [0.6] }),
      currency: field(readCurrency, {
        type: 'code of a currency',
        description:
          'Currency of the prices, an ISO 4217 code. Required in a file; `--price` is in USD without it.',
        json: { type: 'string', pattern: '^[A-Z]{3}$' },
        examples: ['USD'],
      }).optional(),
      per: count('Number of tokens that the prices are for.', { min: 1, max: 1e9 }).prefault('1M'),
      batch: amount(
        'Factor of these prices in a batch (`goodput batch`), such as 0.5 for half the price. Default: 1.',
        { above: 0, max: 1 },
        { examples: [0.5] },
      ).optional(),
    },
    { error: 'a map like { input: 0.15, output: 0.60, currency: USD }' },
  )
  .meta({ description: 'Prices of tokens, for the cost of the run ([cost.md](cost.md)).' });

/** Checks rules between the keys of these sections. */
export function brokenSections(tree: Tree): Located[] {
  return [...brokenWeights(tree), ...brokenPrice(tree)];
}

function brokenWeights(tree: Tree): Located[] {
  const isSet = (key: string): boolean => valueAt(tree, ['model', key]) !== undefined;
  if (!isSet('weights') || !isSet('weightBytes')) return [];
  const problem = { wrong: 'cannot be combined with model.weights', expected: 'one of the two', atKey: true };
  return [{ path: ['model', 'weightBytes'], problem }];
}

function brokenPrice(tree: Tree): Located[] {
  const price = valueAt(tree, ['price']);
  if (!isMap(price) || price['currency'] !== undefined) return [];
  // A misspelt key may be that of the currency, and is reported.
  if (Object.keys(price).some((key) => !Object.hasOwn(priceSchema.shape, key))) return [];
  return [
    {
      path: ['price'],
      problem: {
        wrong: 'the prices have no currency',
        expected: 'currency: USD (or another) as well',
        atKey: true,
      },
    },
  ];
}
