import { describe, expect, test } from 'vitest';
import { Advice } from '../../src/run/advice.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';

const without = (code: string): Sample => sampleOf({ outcome: 'connect', error: { message: 'm', code } });

function notesOn(samples: readonly Sample[]): string[] {
  const advice = new Advice('http://127.0.0.1:8000/v1');
  advice.add(samples);
  return advice.notes();
}

describe('limits of this machine', () => {
  test.each([
    ['EMFILE', 'ulimit -n'],
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

  test('are not taken for a server that does not listen', () => {
    expect(notesOn([without('EMFILE'), without('EMFILE')]).join()).not.toContain('is the server listening');
    expect(notesOn([without('ECONNREFUSED'), without('EMFILE'), without('ECONNREFUSED')]).join()).toContain(
      'is the server listening',
    );
  });
});
