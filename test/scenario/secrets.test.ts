import { expect, test } from 'vitest';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { redactUrl } from '../../src/scenario/scenario-secrets.ts';
import { mistakes, resolve } from './resolving.ts';

const KEY = 'sk-live-9f8e7d6c5b4a';

/** Returns everything that may be printed or written about these sources. */
function shown(text: string | null, flags: Flags = {}, env: Record<string, string> = {}): string {
  const { resolved, warnings } = resolve(text, flags, env);
  return JSON.stringify([resolved.echo, resolved.values, warnings]);
}

const endpoint = (rest: string): string => `endpoint:\n  url: http://127.0.0.1:8000/v1\n${rest}`;

/** Settings that may contain a secret, and the resulting scenario. */
const PLACES: readonly [string, string, (key: string) => unknown][] = [
  ['apiKey', endpoint(`  apiKey: ${KEY}`), (key) => ({ apiKey: key })],
  [
    'header authorization',
    endpoint(`  headers: { Authorization: Bearer ${KEY} }`),
    (key) => ({ headers: { authorization: `Bearer ${key}` } }),
  ],
  ['header api-key', endpoint(`  headers: { api-key: ${KEY} }`), (key) => ({ headers: { 'api-key': key } })],
  [
    'header x-api-key',
    endpoint(`  headers: { X-API-Key: ${KEY} }`),
    (key) => ({ headers: { 'x-api-key': key } }),
  ],
  [
    'header cookie',
    endpoint(`  headers: { cookie: s=${KEY} }`),
    (key) => ({ headers: { cookie: `s=${key}` } }),
  ],
  [
    'header with token',
    endpoint(`  headers: { x-my-token: ${KEY} }`),
    (key) => ({ headers: { 'x-my-token': key } }),
  ],
  [
    'header with secret',
    endpoint(`  headers: { secret-of-mine: ${KEY} }`),
    (key) => ({ headers: { 'secret-of-mine': key } }),
  ],
  [
    'header of API management',
    endpoint(`  headers: { Ocp-Apim-Subscription-Key: ${KEY} }`),
    (key) => ({ headers: { 'ocp-apim-subscription-key': key } }),
  ],
  [
    'body api_key',
    endpoint(`  body: { deep: [{ api_key: ${KEY} }] }`),
    (key) => ({ body: { deep: [{ api_key: key }] } }),
  ],
  [
    'URL parameter',
    `endpoint: { url: 'http://h/v1?api-version=2&api_key=${KEY}' }`,
    (key) => ({ url: `http://h/v1?api-version=2&api_key=${key}` }),
  ],
  [
    'password of a proxy',
    `endpoint: { url: 'http://h/v1', proxy: 'http://me:${KEY}@p:3128' }`,
    (key) => ({ proxy: `http://me:${key}@p:3128` }),
  ],
  [
    'URL password',
    `endpoint: { url: 'http://me:${KEY}@h/v1' }`,
    (key) => ({ url: 'http://h/v1', headers: { authorization: `Basic ${btoa(`me:${key}`)}` } }),
  ],
];

test.each(PLACES)('a literal secret as %s is in the scenario and nowhere else', (_, text, carried) => {
  expect(resolve(text).resolved.scenario.endpoint).toMatchObject(carried(KEY) as object);
  expect(shown(text)).not.toContain(KEY);
  expect(shown(text)).not.toContain(btoa(`me:${KEY}`));
  expect(shown(text)).toContain('***');
});

test.each(PLACES)(
  'a reference to a secret as %s reaches the scenario and is not shown',
  (_, text, carried) => {
    // Within braces YAML needs quotes around a reference, or around the whole of a longer scalar.
    const referring = text.includes("'")
      ? text
      : text.replace(
          /(\{ [^{]*: |\{ )?((?:Bearer |s=)?)sk-live-9f8e7d6c5b4a/,
          (_, open = '', before: string) => `${open}"${before}${KEY}"`,
        );
    const written = referring.replace(KEY, '${KEY}');
    expect(resolve(written, {}, { KEY }).resolved.scenario.endpoint).toMatchObject(carried(KEY) as object);
    expect(shown(written, {}, { KEY })).not.toContain(KEY);
  },
);

test('values from the environment that are sent are secret, whatever their name; host and path are not', () => {
  const text = `endpoint:
  url: "http://\${HOST}:8000/\${TENANT}/v1?tenant=\${TENANT}&account=\${ACCOUNT}"
  replicas: ["http://other:8000/v1?account=\${OTHER}"]
  model: \${MODEL}
  headers: { x-tenant: "a \${ONE} and \${TWO}", x-plain: here }
  body: { deep: [{ user: "\${USER_ID}" }], stop: "$\${ONE}" }
`;
  const env = {
    HOST: 'h',
    TENANT: 't-1',
    ACCOUNT: 'a-1',
    OTHER: 'o-1',
    MODEL: 'm-1',
    ONE: '1-1',
    TWO: '2-1',
  };
  const { resolved } = resolve(text, {}, { ...env, USER_ID: 'u-1' });
  expect(resolved.scenario.endpoint.secrets.toSorted()).toEqual(['1-1', '2-1', 'a-1', 'o-1', 'u-1']);
});

test('references as they are shown', () => {
  const text = endpoint(
    '  apiKey: ${KEY}\n  headers:\n    authorization: Bearer ${KEY}\n    x-tenant: ${KEY}\n    x-token: a${KEY}\n',
  );
  const { echo } = resolve(text, {}, { KEY }).resolved;
  expect(echo['endpoint']).toMatchObject({
    apiKey: '${KEY}',
    headers: { authorization: 'Bearer ${KEY}', 'x-tenant': '${KEY}', 'x-token': '***' },
  });
});

test('where a key comes from: --api-key-env, GOODPUT_API_KEY, the file', () => {
  const text = endpoint('  apiKey: ${OF_FILE}');
  const env = { OF_FILE: 'file-key', GOODPUT_API_KEY: 'goodput-key', NAMED: 'named-key' };
  const key = (flags: Flags, env: Record<string, string>, file: string | null = text) => {
    const { scenario, values } = resolve(file, flags, env).resolved;
    const value = values.find(({ path }) => path === 'endpoint.apiKey');
    return [scenario.endpoint.apiKey, value?.source, value?.shown];
  };
  expect(key({ 'api-key-env': 'NAMED' }, env)).toEqual(['named-key', 'flag', '${NAMED}']);
  expect(key({}, env)).toEqual(['goodput-key', 'environment', '${GOODPUT_API_KEY}']);
  expect(key({}, { OF_FILE: 'file-key' })).toEqual(['file-key', 'file', '${OF_FILE}']);
  expect(key({ url: 'http://h/v1' }, { OPENAI_API_KEY: KEY }, null)).toEqual([null, undefined, undefined]);
  expect(key({ 'api-key-env': 'NAMED' }, { NAMED: ' named-key\n' })[0]).toBe('named-key');
});

test('OPENAI_API_KEY is sent only to api.openai.com, and only over https', () => {
  const key = (url: string, env = {}) =>
    resolve(null, { url }, { OPENAI_API_KEY: KEY, ...env }).resolved.scenario.endpoint.apiKey;
  expect(key('https://api.openai.com/v1')).toBe(KEY);
  expect(key('https://api.openai.com/v1', { GOODPUT_API_KEY: 'other-key' })).toBe('other-key');
  for (const url of [
    'http://api.openai.com/v1',
    'https://api.openai.com.evil.example/v1',
    'https://api.openai.com@evil.example/v1',
    'https://evil.example/v1?api.openai.com',
    'https://xapi.openai.com/v1',
    'https://api.openai.com:8443/v1',
    'simulated',
  ]) {
    expect([url, key(url)]).not.toContain(KEY);
  }
});

test('a key from the environment is not sent to the simulated endpoint', () => {
  expect(resolve(null, {}, { GOODPUT_API_KEY: KEY }).resolved.scenario.endpoint.apiKey).toBeNull();
});

test("a warning is printed if the file's key goes to a host that the file does not name", () => {
  const text = endpoint(`  apiKey: ${KEY}`);
  const warned = (flags: Flags): boolean =>
    resolve(text, flags).warnings.some((each) => each.includes("the file's apiKey is sent to elsewhere"));
  expect(warned({ url: 'http://elsewhere/v1' })).toBe(true);
  expect(warned({ url: 'http://127.0.0.1:8000/v2' })).toBe(false);
  expect(warned({})).toBe(false);
});

test('no error repeats a secret', () => {
  const wrong: readonly [string | null, Flags?][] = [
    [endpoint(`  apiKey: [${KEY}]`)],
    [endpoint(`  apiKey: "${KEY} \u00e9"`)],
    [endpoint(`  headers: ${KEY}`)],
    [endpoint(`  headers: { authorization: "${KEY}\\n" }`)],
    [endpoint(`  headers: { authorization: [${KEY}] }`)],
    [endpoint(`  body: ${KEY}`)],
    [endpoint(`  body: { stream: ${KEY} }`)],
    [`endpoint: http://u:${KEY}@h/v1`],
    [`endpoint: { url: "u:${KEY}@h/v1" }`],
    [`endpoint: { url: "http://u:${KEY}@h:99999/v1" }`],
    [`endpoint: { url: "http://h:99999/v1?key=${KEY}" }`],
    ['endpoint: { url: "${KEY}" }'],
    ['endpoint: { url: "${KEY}://h" }'],
    ['endpoint: "${KEY}"'],
    ['load: { rate: "${KEY}", warmup: "${KEY}", arrivals: "${KEY}" }'],
    ['slo: "${KEY}"\ngates: ["${KEY} >= 5"]\nname: "a/${KEY}"'],
    ['workload: { input: "${KEY}:5" }'],
    [null, { 'api-key-env': KEY }],
    [null, { 'api-key-env': KEY.replaceAll('-', '_') }],
    [null, { header: [`Authorization Bearer ${KEY}`] }],
    [null, { body: [`{"api_key": "${KEY}"`] }],
    [null, { rate: KEY }],
    [null, { url: `u:${KEY}@h` }],
  ];
  for (const [text, flags] of wrong) {
    const env = text === null ? { GOODPUT_API_KEY: KEY } : { KEY };
    const said = mistakes(text, flags, env).join('\n');
    expect(said, `${text} ${JSON.stringify(flags)}`).not.toContain(KEY);
    expect(said).not.toContain(KEY.replaceAll('-', '_'));
  }
});

test('URLs that may be shown', () => {
  expect(redactUrl('http://h:8000/v1')).toBe('http://h:8000/v1');
  expect(redactUrl('http://a:b@c@h/v1')).toBe('http://***@h/v1');
  expect(redactUrl('https://h/v1?sig=1&x=2&access_token=3#f')).toBe(
    'https://h/v1?sig=***&x=2&access_token=***#f',
  );
  expect(redactUrl('https://h/v1?key=${K}')).toBe('https://h/v1?key=${K}');
  expect(redactUrl('http://h/v1?mail=a@b')).toBe('http://h/v1?mail=a@b');
});

test('body keys with names similar to secrets are shown', () => {
  expect(shown(endpoint('  body: { max_tokens_hint: 5, tokenizer: mine }'))).toContain(
    '"max_tokens_hint":5,"tokenizer":"mine"',
  );
});

test('a proxy from the environment is shown without its password', () => {
  const env = { HTTPS_PROXY: `http://me:${KEY}@p:3128` };
  const { scenario, values } = resolve(null, { url: 'https://h/v1' }, env).resolved;
  expect(scenario.endpoint.proxy).toBe(env.HTTPS_PROXY);
  expect(values).toContainEqual({
    path: 'endpoint.proxy',
    shown: 'http://***@p:3128',
    source: 'environment',
    from: 'HTTPS_PROXY',
  });
  expect(shown(null, { url: 'https://h/v1' }, env)).not.toContain(KEY);
  const wrong = mistakes(null, { url: 'https://h/v1' }, { HTTPS_PROXY: `socks5://me:${KEY}@p:1` });
  expect(wrong.join()).not.toContain(KEY);
  expect(wrong.join()).toMatch(/^HTTPS_PROXY: .*socks5/);
});
