import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import CONFIG from './tiny-llama.json' with { type: 'json' };
import { inOrder, marked, mistakes, resolve } from './resolving.ts';

const dir = mkdtempSync(join(tmpdir(), 'goodput-machine-keys-'));
mkdirSync(join(dir, 'models'));
cpSync(join(import.meta.dirname, 'tiny-llama.json'), join(dir, 'models', 'config.json'));
writeFileSync(join(dir, 'list.json'), '[1]');

const TEXT = `hardware: { accelerator: h100-sxm, count: 4, memory: 80GiB, pricePerHour: 2.49 }
model: { config: models/config.json, weights: 16.1GB }
price: { input: 0.15, output: 0.60, currency: EUR, per: 1k }
`;

const ofFile = (text: string, flags: Flags = {}) =>
  resolveScenario({ file: { path: join(dir, 'chat.yaml'), text }, env: {}, flags }).resolved;

test('machine, model and prices are read with their units, and run.json keeps the content of config.json', () => {
  const { scenario, echo } = ofFile(TEXT);
  expect(scenario.hardware).toMatchObject({
    accelerator: 'h100-sxm',
    count: 4,
    memoryBytes: 80 * 1024 ** 3,
    pricePerHour: 2.49,
  });
  expect(scenario.model).toMatchObject({ weightBytes: 16.1e9, kvBytes: 2, layers: 2 });
  // Without a price of cached input it costs the same as other input.
  expect(scenario.price).toEqual({ input: 0.15, cachedInput: 0.15, output: 0.6, currency: 'EUR', per: 1000 });
  expect(echo['model']).toMatchObject({ config: CONFIG });
  const again = scenarioFromEcho(JSON.parse(JSON.stringify(echo)));
  for (const key of ['hardware', 'model', 'price'] as const) expect(again[key]).toEqual(scenario[key]);
});

test('a scenario that states nothing has no machine, model or price', () => {
  expect(resolve('seed: 1\n').resolved.scenario).toMatchObject({ hardware: null, model: null, price: null });
});

test('a flag replaces the complete section of the file', () => {
  const { scenario } = ofFile(TEXT, {
    hardware: 'l40s:2,memory=48GB',
    'model-config': `${join(dir, 'models', 'config.json')},weightBytes=1`,
    price: 'input=1,cachedInput=0.5,output=3',
  });
  expect(scenario.hardware).toMatchObject({
    accelerator: 'l40s',
    count: 2,
    memoryBytes: 48e9,
    pricePerHour: null,
  });
  expect(scenario.model).toMatchObject({ bytesPerWeight: 1, kvBytes: 2 });
  expect(scenario.price).toEqual({ input: 1, cachedInput: 0.5, output: 3, currency: 'USD', per: 1e6 });
});

test.for([
  ['¦price: { input: 0.15, output: 0.6 }', 'no currency … currency: USD'],
  ['price: { input: 0.15, output: 0.6, currency: ¦$ }', 'price.currency … did you mean USD'],
  ['price: { input: 0.15, ¦curency: USD, output: 0.6 }', 'unknown key … did you mean currency'],
  ['price: { input: ¦-1, output: 0.6, currency: USD }', 'price.input … a number of at least 0'],
  [
    'hardware: { accelerator: ¦h100-sxn }',
    'hardware.accelerator … not in the catalogue … did you mean h100-sxm',
  ],
  ['hardware: { accelerator: h100-sxm, memory: ¦80G }', 'hardware.memory … did you mean 80GB'],
  ['hardware: { accelerator: h100-sxm, count: ¦0 }', 'hardware.count … at least 1'],
  ['model: { config: ¦absent/config.json }', 'model.config … cannot read … absent/config.json'],
  [
    `model: { config: ${JSON.stringify(CONFIG)}, weights: 16GB, ¦weightBytes: 2 }`,
    'cannot be combined with model.weights',
  ],
])('%s is a mistake', ([text, message]) => {
  const { text: written, places } = marked(text!);
  const [first, ...others] = mistakes(written);
  expect(first).toMatch(inOrder(`some/chat.yaml:${places[0]}: … ${message}`));
  expect(others).toEqual([]);
});

test('mistakes in flags name the flag', () => {
  expect(mistakes(null, { hardware: 'h100-sxm,l40s' })[0]).toMatch(inOrder('--hardware: … "l40s"'));
  expect(mistakes(null, { hardware: 'h100-sxm:four' })[0]).toMatch(inOrder('--hardware: hardware.count'));
  expect(mistakes(null, { price: '0.15' })[0]).toMatch(inOrder('--price: … "0.15" … key=value'));
  expect(mistakes(null, { price: 'input=1' })[0]).toMatch(inOrder('--price: price.output'));
  expect(mistakes(null, { 'model-config': join(dir, 'list.json') })[0]).toMatch(
    inOrder('--model-config: … no JSON object'),
  );
});

const ENDPOINTS = `hardware: { accelerator: h100-sxm, count: 2, pricePerHour: 3 }
model: { config: models/config.json, kvBytes: 1 }
price: { input: 1, cachedInput: 0.1, output: 2, currency: EUR }
endpoints:
  - { name: a, url: http://a.test/v1, model: base }
  - name: b
    url: http://b.test/v1
    hardware: { accelerator: l40s }
    model: { name: quantised, weightBytes: 1 }
    price: { input: 3, output: 6 }
  - { name: c, url: http://c.test/v1, hardware: { count: 4 } }
`;

test('an endpoint of a comparison states what differs from the common facts', () => {
  const [a, b, c] = [0, 1, 2].map(
    (endpoint) =>
      resolveScenario({
        file: { path: join(dir, 'chat.yaml'), text: ENDPOINTS },
        env: {},
        flags: {},
        endpoint,
      }).resolved.scenario,
  );
  expect(a).toMatchObject({ hardware: { accelerator: 'h100-sxm', count: 2, pricePerHour: 3 } });
  expect(a!.endpoint.model).toBe('base');
  // Another accelerator has neither the count nor the price of the common one, and another price of input no common discount.
  expect(b!.hardware).toMatchObject({ accelerator: 'l40s', count: 1, pricePerHour: null });
  expect(b!.endpoint.model).toBe('quantised');
  expect(b!.model).toMatchObject({ layers: 2, bytesPerWeight: 1, kvBytes: 1 });
  expect(b!.price).toEqual({ input: 3, cachedInput: 3, output: 6, currency: 'EUR', per: 1e6 });
  expect(c!.hardware).toMatchObject({ accelerator: 'h100-sxm', count: 4, pricePerHour: 3 });
});

test('mistakes of an endpoint of a comparison have their position', () => {
  const text = ENDPOINTS.replace('{ accelerator: l40s }', '{ accelerator: l40s, count: none }');
  const find = (): unknown =>
    resolveScenario({ file: { path: join(dir, 'chat.yaml'), text }, env: {}, flags: {}, endpoint: 1 });
  expect(find).toThrow(/chat\.yaml:8:43: hardware\.count/);
});
