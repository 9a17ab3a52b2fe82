import { expect, it } from 'vitest';
import { EMPTY_TURN, type Session } from '../../src/dataset/model/session.ts';
import { SessionSample } from '../../src/dataset/sample.ts';

const sessionOf = (name: number, topic = ''): Session => ({
  session: String(name),
  timestamp_ms: null,
  tags: topic === '' ? {} : { topic },
  turns: [EMPTY_TURN],
});

it('every session is drawn with the same probability', () => {
  const [sessions, count, trials] = [10, 3, 4000];
  const drawn = new Uint32Array(sessions);
  for (let seed = 0; seed < trials; seed++) {
    const sample = new SessionSample({ count, by: null, seed });
    for (let k = 0; k < sessions; k++) sample.add(sessionOf(k));
    const found = sample.drawn();
    expect(new Set(found).size).toBe(count);
    for (const { session } of found) drawn[Number(session)]!++;
  }
  const expected = count / sessions;
  // Four standard deviations of a binomial share.
  const tolerance = 4 * Math.sqrt((expected * (1 - expected)) / trials);
  for (const times of drawn) expect(Math.abs(times / trials - expected)).toBeLessThan(tolerance);
});

it('strata get their share by the largest remainders; a sample larger than the data is the data', () => {
  const sample = (count: number): SessionSample => {
    const drawing = new SessionSample({ count, by: 'topic', seed: 1 });
    for (let k = 0; k < 10; k++) drawing.add(sessionOf(k, k < 5 ? 'a' : k < 8 ? 'b' : 'c'));
    drawing.drawn();
    return drawing;
  };
  // 4 · 5/10 = 2, 4 · 3/10 = 1.2, 4 · 2/10 = 0.8.
  expect(
    sample(4)
      .document()
      .strata!.map(({ drawn }) => drawn),
  ).toEqual([2, 1, 1]);
  expect(sample(99).document()).toMatchObject({ sessions: 10, drawn: 10 });
});
