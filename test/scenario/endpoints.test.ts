import { expect, test } from 'vitest';
import { endpointNames } from '../../src/scenario/endpoints.ts';
import { readScenarioFile } from '../../src/scenario/file.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { resolveSingleRun } from '../../src/scenario/runs.ts';

const TEXT = `endpoint: { api: completions, headers: { x-tenant: bench } }
endpoints:
  - name: blue
    url: http://blue.test/v1
    apiKey: \${BLUE_KEY}
  - name: green
    url: http://green.test/v1
    api: chat
rounds: 3
load: { rate: 5/s }
`;

const resolved = (endpoint: number, text = TEXT) =>
  resolveScenario({
    file: { path: 'two.yaml', text },
    env: { BLUE_KEY: 'secret-of-blue' },
    flags: {},
    endpoint,
  });

test('keys of endpoint: apply to all entries, which override them', () => {
  expect(endpointNames(readScenarioFile('two.yaml', TEXT))).toEqual(['blue', 'green']);
  const [blue, green] = [resolved(0), resolved(1)].map((each) => each.resolved.scenario);
  expect(blue!.endpoint).toMatchObject({
    url: 'http://blue.test/v1',
    api: 'completions',
    apiKey: 'secret-of-blue',
    headers: { 'x-tenant': 'bench' },
  });
  expect(green!.endpoint).toMatchObject({ url: 'http://green.test/v1', api: 'chat', apiKey: null });
  expect(blue!.rounds).toBe(3);
  // One endpoint's key is not sent to another, and is not recorded.
  expect(JSON.stringify([resolved(0).resolved.echo, resolved(1).resolved.echo])).not.toContain(
    'secret-of-blue',
  );
  expect(green!.load).toEqual(blue!.load);
});

test('with several endpoints, none is sent a key from the environment', () => {
  const env = {
    BLUE_KEY: 'of-blue',
    GOODPUT_API_KEY: 'of-somebody',
    GOODPUT_HEADER: 'authorization: Bearer x',
  };
  const keys = [0, 1].map((endpoint) => {
    const { scenario } = resolveScenario({
      file: { path: 'two.yaml', text: TEXT },
      env,
      flags: {},
      endpoint,
    }).resolved;
    return [scenario.endpoint.apiKey, Object.keys(scenario.endpoint.headers)];
  });
  expect(keys).toEqual([
    ['of-blue', ['x-tenant']],
    [null, ['x-tenant']],
  ]);
});

test('mistakes have their position in the list', () => {
  const broken = TEXT.replace('http://blue.test/v1', 'blue.test').replace('name: green', 'name: blue');
  let message = '';
  try {
    resolved(0, broken);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain('two.yaml:4:10: endpoint.url: got "blue.test"');
  expect(message).toMatch(/two\.yaml:6:5: endpoints\.1\.name: duplicate .*"blue"/);
});

test.each([
  ['endpoints: one\n', /two\.yaml:1:1: endpoints: .*list of endpoints/],
  ['endpoints: [{ name: a, url: simulated }]\n', /two\.yaml:1:1: endpoints: .*two or more/],
  ['endpoints: [{ name: a, url: simulated }, { url: simulated }]\n', /two\.yaml:1:42: endpoints\.1: .*name/],
  [
    'endpoints: [{ name: ../a, url: simulated }, { name: b, url: simulated }]\n',
    /two\.yaml:1:15: endpoints\.0\.name: .*invalid/,
  ],
  [
    'endpoints: [{ name: a, ulr: simulated }, { name: b, url: simulated }]\n',
    /endpoints\.0\.ulr: unknown key; .* did you mean url\?/,
  ],
])('%j', (text, message) => {
  expect(() => resolved(0, text)).toThrow(message);
});

test('a simulated entry merges its engine and cost over the common ones, or has its own preset', () => {
  const text = `endpoints:
  - { name: a, url: simulated, simulator: { engine: { maxNumSeqs: 4 } } }
  - { name: b, url: simulated, simulator: { preset: tiny } }
simulator: { preset: llama-3.1-8b-l4, engine: { maxBatchedTokens: 512 } }
`;
  expect(resolved(0, text).resolved.scenario.simulator).toMatchObject({
    preset: 'llama-3.1-8b-l4',
    engine: { maxNumSeqs: 4, maxBatchedTokens: 512 },
  });
  expect(resolved(1, text).resolved.scenario.simulator).toMatchObject({ preset: 'tiny', engine: {} });
});

test('a command of one endpoint refuses a list of several, by its position and names', () => {
  const single = (text: string) =>
    resolveSingleRun({ file: { path: 'two.yaml', text }, env: { BLUE_KEY: 'k' }, flags: {} });
  expect(() => single(TEXT)).toThrow(
    expect.objectContaining({
      kind: 'usage',
      message: expect.stringMatching(/^two\.yaml:2:1: .*\(blue, green\)/),
      hint: expect.stringContaining('endpoint:'),
    }) as Error,
  );
  const { scenario } = single('endpoint: { url: http://blue.test/v1 }\nload: { rate: 5/s }\n').resolved;
  expect(scenario.endpoint.url).toBe('http://blue.test/v1');
});
