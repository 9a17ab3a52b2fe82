import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { listModels } from '../../src/client/model-list.ts';
import { DIRECT, type Route } from '../../src/client/connection/network-route.ts';
import { redactJson, redactor } from '../../src/client/connection/secret-redactor.ts';
import { redactAt, redactUrl } from '../../src/scenario/scenario-secrets.ts';
import { askOnce } from './support.ts';

const KEY = 'kv/9+ab"cd=7';
const none = { apiKey: null, headers: {}, query: new URLSearchParams() };

const BY_PROXY: Route = {
  ...DIRECT,
  proxy: {
    isTls: false,
    host: 'proxy',
    port: 1,
    tls: DIRECT.tls,
    authorization: `Basic ${btoa('me:proxy-pass')}`,
  },
};

test.each<[string, Parameters<typeof redactor>[0], string]>([
  ['the key', { ...none, apiKey: KEY }, KEY],
  ['the key within a URL', { ...none, apiKey: KEY }, encodeURIComponent(KEY)],
  ['the key within JSON', { ...none, apiKey: KEY }, 'kv/9+ab\\"cd=7'],
  ['a header', { ...none, headers: { 'ocp-apim-subscription-key': 'sub-1234' } }, 'sub-1234'],
  ['a scheme and its value', { ...none, headers: { 'x-auth': 'Token abc-1234' } }, 'abc-1234'],
  ['a password', { ...none, headers: { authorization: `Basic ${btoa('me:pass:word')}` } }, 'pass:word'],
  ['a parameter', { ...none, query: new URLSearchParams({ code: 'fn-code-1' }) }, 'fn-code-1'],
  ['a key of the body', { ...none, body: { deep: [{ api_key: 'body-1234' }] } }, 'body-1234'],
  [
    'what came from the environment',
    { ...none, headers: { 'x-tenant': 'env-1234' }, secrets: ['env-1234'] },
    'env-1234',
  ],
  ['a cookie with its name', { ...none, headers: { cookie: 'a=b; session=abc; x=y' } }, 'session=abc'],
  ['a cookie alone', { ...none, headers: { cookie: 'session=abcd; lang=en' } }, 'abcd'],
  ['the last cookie alone', { ...none, headers: { Cookie: 'lang=en;p="cookie-12"' } }, 'cookie-12'],
  [
    'one value of several',
    { ...none, headers: { authorization: 'Digest username="u", response="0123abcd"' } },
    '0123abcd',
  ],
  ['the key in base64', { ...none, apiKey: KEY }, btoa(KEY)],
  [
    'a pair in base64',
    { ...none, headers: { authorization: `Basic ${btoa('me:pass:word')}` } },
    btoa('me:pass:word'),
  ],
  ['a password of the proxy', { ...none, route: BY_PROXY }, 'proxy-pass'],
  ['a number of the body', { ...none, body: { api_key: 12345678 } }, '12345678'],
  ['values below a key of the body', { ...none, body: { auth: { user: 'user-1234' } } }, 'user-1234'],
])('%s is redacted', (_, sent, said) => {
  const redact = redactor(sent);
  expect(redact(`got <${said}>`)).toBe('got <[redacted]>');
  expect(JSON.stringify(redactJson({ [said]: [said] }, redact))).toBe('{"[redacted]":["[redacted]"]}');
});

test('other texts stay unchanged', () => {
  const redact = redactor({
    apiKey: 'ab',
    headers: { 'x-tenant': 'bench', cookie: 'theme=dark; consent=true; n=1' },
    query: new URLSearchParams({ 'api-version': '2024' }),
    body: { max_tokens: 1234, stop: ['wall'] },
    secrets: ['short'],
  });
  const text = 'bench of 2024 by ab at 1234 wall, short, "dark": true';
  expect(redact(text)).toBe(text);
});

test('a text that was truncated within a secret does not end with the start of it', () => {
  const redact = redactor({ ...none, apiKey: 'sk-0123456789abcdef' });
  expect(redact(`${'x'.repeat(2036)}sk-012345678`)).toBe(`${'x'.repeat(2036)}[redacted]`);
});

test('a value is redacted in responses if and only if it is masked in the shown scenario', () => {
  const names = [
    'x-auth',
    'x-key',
    'my-token',
    'x-session-id',
    'cookie',
    'x-sig',
    'passwd',
    'jwt',
    'x-tenant',
    'stop',
  ];
  for (const name of [...names, 'code', 'design', 'api_key', 'accessToken', 'max_tokens']) {
    const value = 'value-1234';
    const hides = (sent: Partial<Parameters<typeof redactor>[0]>): boolean =>
      redactor({ ...none, ...sent })(value) !== value;
    const shows = (shown: unknown): boolean => JSON.stringify(shown).includes(value);
    expect([name, hides({ headers: { [name]: value } })]).toEqual([
      name,
      !shows(redactAt(['endpoint', 'headers'], { [name]: value })),
    ]);
    expect([name, hides({ query: new URLSearchParams({ [name]: value }) })]).toEqual([
      name,
      !shows(redactUrl(`http://h/v1?${name}=${value}`)),
    ]);
    expect([name, hides({ body: { [name]: value } })]).toEqual([
      name,
      !shows(redactAt(['endpoint', 'body'], { [name]: value })),
    ]);
  }
});

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

async function serverThat(
  answer: (request: IncomingMessage) => { head: object; status: number; body: string },
) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url!);
    const { status, head, body } = answer(request);
    request.resume();
    request.on('end', () => response.writeHead(status, { ...head }).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, paths };
}

test('a finish reason that repeats the key is redacted', async () => {
  const { url } = await serverThat(({ headers }) => ({
    status: 200,
    head: { 'content-type': 'text/event-stream' },
    body: `data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"no ${headers.authorization}"}]}\n\ndata: [DONE]\n\n`,
  }));
  expect((await askOnce(url, { apiKey: 'sk-1234567' })).finish).toBe('no Bearer [redacted]');
});

test('the models’ path precedes the query of the base URL, and an error contains no key', async () => {
  const { url, paths } = await serverThat(({ url }) => ({
    status: 401,
    head: { server: `at ${url}` },
    body: '',
  }));
  const list = await listModels(
    { url: `${url}?api_key=ab-1234&v=2`, api: 'chat', apiKey: null, headers: {} },
    20_000,
  );
  expect(paths).toEqual(['/v1/models?api_key=ab-1234&v=2']);
  expect(list).toMatchObject({ problem: 'HTTP 401', server: 'at /v1/models?api_key=[redacted]&v=2' });
});

test('a model whose name contains the key is requested by its name', async () => {
  const { url } = await serverThat(() => ({
    status: 200,
    head: {},
    body: JSON.stringify({ data: [{ id: 'the-test-model' }] }),
  }));
  const list = await listModels({ url, api: 'chat', apiKey: 'test', headers: {} }, 20_000);
  expect(list).toMatchObject({ models: ['the-[redacted]-model'], first: 'the-test-model' });
});
