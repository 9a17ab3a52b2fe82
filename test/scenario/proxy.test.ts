import { expect, test } from 'vitest';
import { proxyOfEnvironment } from '../../src/scenario/proxy.ts';
import { resolve } from './resolving.ts';

const BOTH = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:2' };

test.each([
  ['http://h/v1', BOTH, 'HTTP_PROXY'],
  ['https://h/v1', BOTH, 'HTTPS_PROXY'],
  ['https://h/v1', { HTTP_PROXY: 'http://p:1' }, null],
  ['http://h/v1', { ...BOTH, http_proxy: 'http://q:3' }, 'http_proxy'],
  ['http://h/v1', { ...BOTH, http_proxy: ' ' }, 'HTTP_PROXY'],
  ['http://h/v1', {}, null],
  // Loopback.
  ['http://127.0.0.1:8000/v1', BOTH, null],
  ['http://127.8.8.8/v1', BOTH, null],
  ['http://localhost:8000/v1', BOTH, null],
  ['http://[::1]:8000/v1', BOTH, null],
  ['no URL', BOTH, null],
] as [string, Record<string, string>, string | null][])('%s with %j: %s', (url, env, variable) => {
  expect(proxyOfEnvironment(url, env)).toBe(variable);
});

/** A value of `NO_PROXY`, a URL, and true if it is exempt. The rules are those on which curl and Go agree. */
test.each([
  ['*', 'http://h/v1', true],
  ['h', 'http://h/v1', true],
  ['example.com', 'http://example.com/v1', true],
  ['example.com', 'http://api.example.com/v1', true],
  ['.example.com', 'http://api.example.com/v1', true],
  ['*.example.com', 'http://api.example.com/v1', true],
  ['example.com', 'http://notexample.com/v1', false],
  ['EXAMPLE.com', 'http://Example.COM/v1', true],
  ['a.com, example.com', 'http://example.com/v1', true],
  ['a.com example.com', 'http://example.com/v1', true],
  ['a.com,,', 'http://example.com/v1', false],
  ['', 'http://example.com/v1', false],
  ['example.com:8000', 'http://example.com:8000/v1', true],
  ['example.com:8000', 'http://example.com:8001/v1', false],
  ['example.com:443', 'https://example.com/v1', true],
  ['10.1.2.3', 'http://10.1.2.3/v1', true],
  ['10.0.0.0/8', 'http://10.200.3.4/v1', true],
  ['10.0.0.0/8', 'http://11.0.0.1/v1', false],
  ['192.168.4.0/22', 'http://192.168.7.255/v1', true],
  ['192.168.4.0/22', 'http://192.168.8.0/v1', false],
  ['0.0.0.0/0', 'http://8.8.8.8/v1', true],
  ['10.0.0.0/8', 'http://ten.example/v1', false],
  ['[fd00::1]', 'http://[fd00::1]:8000/v1', true],
  ['[fd00::1]:8000', 'http://[fd00::1]:8000/v1', true],
  ['[fd00::1]:8001', 'http://[fd00::1]:8000/v1', false],
] as [string, string, boolean][])('NO_PROXY=%j and %s', (list, url, exempt) => {
  const env = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1', NO_PROXY: list };
  expect(proxyOfEnvironment(url, env) === null).toBe(exempt);
});

test('the scenario overrides the environment; neither applies to the embedded endpoint or a Unix socket', () => {
  const proxy = (text: string, flags = {}) => resolve(text, flags, BOTH).resolved.scenario.endpoint.proxy;
  expect(proxy('endpoint: { url: http://h/v1 }')).toBe('http://p:1');
  expect(proxy('endpoint: { url: http://h/v1, proxy: none }')).toBeNull();
  expect(proxy('endpoint: { url: http://h/v1, proxy: http://q:9 }')).toBe('http://q:9');
  expect(proxy('endpoint: { url: http://h/v1, unixSocket: /s }')).toBeNull();
  expect(proxy('endpoint: simulated')).toBeNull();
  expect(proxy('endpoint: { url: http://h/v1 }', { url: 'https://h/v1' })).toBe('http://p:2');
});

test('a proxy and sockets of a file are not used for the embedded endpoint', () => {
  const text = 'endpoint: { url: http://h/v1, proxy: http://q:9, tls: { ca: a }, resolve: ["h:80:1.2.3.4"] }';
  const { endpoint } = resolve(text, { url: 'simulated' }).resolved.scenario;
  expect(endpoint).toMatchObject({ simulated: true, proxy: null, resolve: [], tls: { ca: null } });
});
