import { describe, expect, it } from 'vitest';
import { FailureAdvice } from '../../src/preflight/failure-advice.ts';
import type { UnusableEndpoint } from '../../src/preflight/unusable-endpoint.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';

type Seen = Pick<Sample, 'outcome' | 'status' | 'sent_us'>;

const at = (url: string): UnusableEndpoint => ({ url, api: 'chat', hasKey: false, unixSocket: null });

function notes(url: string, seen: readonly Partial<Seen>[]): string {
  const advice = new FailureAdvice(at(url));
  advice.add(
    seen.map((each) => ({ outcome: 'ok', status: 200, sent_us: null, ...each })) as unknown as Sample[],
  );
  return advice.notes().join('\n');
}

const BASE = 'http://127.0.0.1:8000';

describe('the advice on failures', () => {
  it('is empty if requests succeed, and if few fail', () => {
    expect(notes(`${BASE}/v1`, [{}, {}, {}])).toBe('');
    expect(notes(`${BASE}/v1`, [{}, {}, { outcome: 'http_error', status: 404 }])).toBe('');
  });

  it('suggests /v1 after a 404 only if the base URL has none', () => {
    const missed: Partial<Seen>[] = [{ outcome: 'http_error', status: 404 }];
    expect(notes(BASE, missed)).toContain(`may need a /v1: try --url ${BASE}/v1`);
    expect(notes(`${BASE}/v1`, missed)).not.toContain('may need');
    expect(notes(`${BASE}/api/v1beta/`, missed)).not.toContain('may need');
  });

  it.each<[string, Partial<Seen>, string]>([
    ['401', { outcome: 'http_error', status: 401 }, '--api-key-env'],
    ['a refused connection', { outcome: 'connect', status: null }, `is the server listening at ${BASE}/v1?`],
    ['an unknown host', { outcome: 'dns', status: null }, '--url'],
    ['a TLS failure', { outcome: 'tls', status: null }, '--cacert'],
    ['a response that is not a stream', { outcome: 'protocol_error' }, 'not event streams'],
  ])('%s', (_, seen, text) => {
    expect(notes(`${BASE}/v1`, [seen, seen, {}])).toContain(text);
  });

  it('names the protocol if the server does not support HTTP/2, and does not ask whether the server is listening', () => {
    const advice = new FailureAdvice(at(`${BASE}/v1`));
    const error = { message: 'm', code: 'ERR_HTTP2_ERROR' };
    advice.add([sampleOf({ outcome: 'protocol_error', status: null, error })]);
    const found = advice.notes();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/http:\/\/127\.0\.0\.1:8000\/v1 does not support HTTP\/2: omit --http2/);
  });

  it('names the path of a Unix socket, and no host or port', () => {
    const advice = new FailureAdvice({ ...at(`${BASE}/v1`), unixSocket: '/run/vllm.sock' });
    advice.add([sampleOf({ outcome: 'connect', status: null, sent_us: null })]);
    const text = advice.notes().join();
    expect(text).toMatch(/listening on \/run\/vllm\.sock.*--unix-socket/);
    expect(text).not.toMatch(/\bport\b|127\.0\.0\.1/);
  });

  it('never repeats the password or the query of a URL', () => {
    const text = notes('http://user:secret@127.0.0.1:8000/v1?key=secret', [
      { outcome: 'connect', status: null },
    ]);
    expect(text).toContain('http://127.0.0.1:8000/v1');
    expect(text).not.toContain('secret');
  });
});

const without = (code: string): Sample => sampleOf({ outcome: 'connect', error: { message: 'm', code } });

function notesOn(samples: readonly Sample[]): string[] {
  const advice = new FailureAdvice(at('http://127.0.0.1:8000/v1'));
  advice.add(samples);
  return advice.notes();
}

describe('limits of this machine', () => {
  it.each([
    ['EMFILE', 'prlimit --pid $$ --nofile=65536'],
    ['ENFILE', 'fs.file-max'],
    ['EADDRNOTAVAIL', 'ip_local_port_range'],
    ['ENOBUFS', 'fewer requests in flight'],
    ['ENOMEM', 'fewer requests in flight'],
  ])('%s is named with its fix, even if few requests reached it', (code, fix) => {
    const notes = notesOn([without(code), ...Array.from({ length: 9 }, () => sampleOf({}))]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^1 request failed .*\.$/);
    expect(notes[0]).toContain(code);
    expect(notes[0]).toContain(fix);
  });

  it('are not confused with a server that is not listening', () => {
    expect(notesOn([without('EMFILE'), without('EMFILE')]).join()).not.toContain('is the server listening');
    expect(notesOn([without('ECONNREFUSED'), without('EMFILE'), without('ECONNREFUSED')]).join()).toContain(
      'is the server listening',
    );
  });
});
