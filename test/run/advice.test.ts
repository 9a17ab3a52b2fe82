import { describe, expect, it } from 'vitest';
import { Advice } from '../../src/run/advice.ts';
import type { UnusableEndpoint } from '../../src/run/unusable.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';

type Seen = Pick<Sample, 'outcome' | 'status' | 'sent_us'>;

const at = (url: string): UnusableEndpoint => ({ url, api: 'chat', hasKey: false, unixSocket: null });

function notes(url: string, seen: readonly Partial<Seen>[]): string {
  const advice = new Advice(at(url));
  advice.add(
    seen.map((each) => ({ outcome: 'ok', status: 200, sent_us: null, ...each })) as unknown as Sample[],
  );
  return advice.notes().join('\n');
}

const BASE = 'http://127.0.0.1:8000';

describe('advice', () => {
  it('is silent where requests succeed, and where few fail', () => {
    expect(notes(`${BASE}/v1`, [{}, {}, {}])).toBe('');
    expect(notes(`${BASE}/v1`, [{}, {}, { outcome: 'http_error', status: 404 }])).toBe('');
  });

  it('of a 404 names the missing /v1 only where it is missing', () => {
    const missed: Partial<Seen>[] = [{ outcome: 'http_error', status: 404 }];
    expect(notes(BASE, missed)).toContain(`may lack its /v1: try --url ${BASE}/v1`);
    expect(notes(`${BASE}/v1`, missed)).not.toContain('may lack');
    expect(notes(`${BASE}/api/v1beta/`, missed)).not.toContain('may lack');
  });

  it.each<[string, Partial<Seen>, string]>([
    ['401', { outcome: 'http_error', status: 401 }, '--api-key-env'],
    ['a refused connection', { outcome: 'connect', status: null }, `is the server listening at ${BASE}/v1?`],
    ['no name', { outcome: 'dns', status: null }, '--url'],
    ['no TLS', { outcome: 'tls', status: null }, '--cacert'],
    ['no stream', { outcome: 'protocol_error' }, 'not event streams'],
  ])('%s', (_, seen, text) => {
    expect(notes(`${BASE}/v1`, [seen, seen, {}])).toContain(text);
  });

  it('of a server that knows no HTTP/2 names the protocol, and does not ask whether it listens', () => {
    const advice = new Advice(at(`${BASE}/v1`));
    const error = { message: 'm', code: 'ERR_HTTP2_ERROR' };
    advice.add([sampleOf({ outcome: 'protocol_error', status: null, error })]);
    const told = advice.notes();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/http:\/\/127\.0\.0\.1:8000\/v1 does not speak HTTP\/2: omit --http2/);
  });

  it('of a Unix socket names the socket, and no host or port', () => {
    const advice = new Advice({ ...at(`${BASE}/v1`), unixSocket: '/run/vllm.sock' });
    advice.add([sampleOf({ outcome: 'connect', status: null, sent_us: null })]);
    const told = advice.notes().join();
    expect(told).toMatch(/listening on \/run\/vllm\.sock.*--unix-socket/);
    expect(told).not.toMatch(/\bport\b|127\.0\.0\.1/);
  });

  it('never repeats what a URL may hide', () => {
    const told = notes('http://user:secret@127.0.0.1:8000/v1?key=secret', [
      { outcome: 'connect', status: null },
    ]);
    expect(told).toContain('http://127.0.0.1:8000/v1');
    expect(told).not.toContain('secret');
  });
});

const without = (code: string): Sample => sampleOf({ outcome: 'connect', error: { message: 'm', code } });

function notesOn(samples: readonly Sample[]): string[] {
  const advice = new Advice(at('http://127.0.0.1:8000/v1'));
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
  ])('%s is named with the way out, although it befell few', (code, wayOut) => {
    const notes = notesOn([without(code), ...Array.from({ length: 9 }, () => sampleOf({}))]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^1 request found .*\.$/);
    expect(notes[0]).toContain(code);
    expect(notes[0]).toContain(wayOut);
  });

  it('are not taken for a server that does not listen', () => {
    expect(notesOn([without('EMFILE'), without('EMFILE')]).join()).not.toContain('is the server listening');
    expect(notesOn([without('ECONNREFUSED'), without('EMFILE'), without('ECONNREFUSED')]).join()).toContain(
      'is the server listening',
    );
  });
});
