import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { DIRECT } from '../../src/client/connection/network-route.ts';
import { readRoute } from '../../src/preflight/read-route.ts';
import type { Tls } from '../../src/scenario/keys/scenario.ts';

const dir = mkdtempSync(join(tmpdir(), 'goodput-route-'));
afterAll(() => rmSync(dir, { recursive: true }));

const pem = (name: string): string => fileURLToPath(new URL(`../client/tls/${name}.pem`, import.meta.url));
const NONE: Tls = { ca: null, cert: null, key: null, servername: null, insecure: false };
const PLAIN = { simulated: false, proxy: null, unixSocket: null, resolve: [], http2: false };
const route = (tls: Partial<Tls>) => readRoute({ ...PLAIN, tls: { ...NONE, ...tls } });

test('the files are read', async () => {
  const { tls } = await route({ ca: pem('ca'), cert: pem('client'), key: pem('client-key'), insecure: true });
  expect(tls.ca).toContain('BEGIN CERTIFICATE');
  expect(tls.key).toContain('BEGIN PRIVATE KEY');
  expect(tls).toMatchObject({ servername: null, insecure: true });
});

test('the embedded endpoint has a direct route', async () => {
  const tls = { ...NONE, ca: '/nowhere', insecure: true };
  const given = { ...PLAIN, simulated: true, proxy: 'http://h:1', unixSocket: '/nowhere', tls };
  expect(await readRoute(given)).toEqual(DIRECT);
});

const secret = join(dir, 'secret.txt');
writeFileSync(secret, 'sk-7d2f-not-a-key');
const locked = join(dir, 'locked.pem');
writeFileSync(locked, '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n');

test.each([
  ['a file that is not there', { ca: join(dir, 'no.pem') }, /no\.pem: it does not exist/],
  ['a folder', { ca: dir }, /it is a folder/],
  ['no certificate', { ca: secret }, /contains no certificate/],
  ['no key', { cert: pem('client'), key: secret }, /contains no private key/],
  ['a locked key', { cert: pem('client'), key: locked }, /encrypted with a passphrase/],
  [
    'an API key in place of the file',
    { cert: pem('client'), key: 'sk-7d2f-in-place-of-a-file' },
    /--key\) names: it does not exist/,
  ],
  [
    'the key of another certificate',
    { cert: pem('client'), key: pem('server-key') },
    /is not the private key of/,
  ],
] as [string, Partial<Tls>, RegExp][])(
  '%s is an error that quotes nothing of the file',
  async (_, tls, wanted) => {
    const error = await route(tls).then(
      () => null,
      (thrown: Error & { hint?: string }) => thrown,
    );
    expect(error).toMatchObject({ kind: 'usage', exitCode: 104 });
    expect(error!.message).toMatch(wanted);
    expect(error!.message + (error!.hint ?? '')).not.toContain('sk-7d2f');
  },
);

test('credentials of a proxy are sent only to the proxy, and the client’s certificate only to the server', async () => {
  const { proxy } = await readRoute({
    ...PLAIN,
    tls: { ...NONE, ca: pem('ca'), cert: pem('client'), key: pem('client-key'), servername: 'llm.test' },
    proxy: 'https://me:p%40ss@proxy.test',
  });
  expect(proxy).toMatchObject({
    isTls: true,
    host: 'proxy.test',
    port: 443,
    authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    tls: { cert: null, key: null, servername: null },
  });
  expect(proxy!.tls.ca).toContain('BEGIN CERTIFICATE');
});
