import { describe, expect, it } from 'vitest';
import { Advice } from '../../src/run/advice.ts';
import type { Sample } from '../../src/sample.ts';

type Seen = Pick<Sample, 'outcome' | 'status' | 'reused'>;

function notes(url: string, seen: readonly Partial<Seen>[]): string {
  const advice = new Advice(url);
  advice.add(
    seen.map((each) => ({ outcome: 'ok', status: 200, reused: false, ...each })) as unknown as Sample[],
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
    expect(notes(BASE, missed)).toContain(`may lack its /v1 (${BASE}/v1)`);
    expect(notes(`${BASE}/v1`, missed)).not.toContain('may lack');
    expect(notes(`${BASE}/api/v1beta/`, missed)).not.toContain('may lack');
  });

  it.each<[string, Partial<Seen>, string]>([
    ['401', { outcome: 'http_error', status: 401 }, '--api-key-env'],
    ['a refused connection', { outcome: 'connect', status: null }, `is the server listening at ${BASE}/v1?`],
    ['no name', { outcome: 'dns', status: null }, '--url'],
    ['no TLS', { outcome: 'tls', status: null }, 'TLS handshake'],
    ['no stream', { outcome: 'protocol_error' }, 'no event stream'],
  ])('%s', (_, seen, text) => {
    expect(notes(`${BASE}/v1`, [seen, seen, {}])).toContain(text);
  });

  it('counts every request that met a closing connection, even a single one', () => {
    expect(notes(`${BASE}/v1`, [{}, {}, {}, { outcome: 'connect', status: null, reused: true }])).toContain(
      '1 of 4 requests met a connection that the server was just closing',
    );
  });

  it('never repeats what a URL may hide', () => {
    const told = notes('http://user:secret@127.0.0.1:8000/v1?key=secret', [
      { outcome: 'connect', status: null },
    ]);
    expect(told).toContain('http://127.0.0.1:8000/v1');
    expect(told).not.toContain('secret');
  });
});
