import { describe, expect, test } from 'vitest';
import { completionIn } from '../../src/analysis/completion-share.ts';
import { sampleOf } from '../metrics/samples.ts';

const MS = 1000;
/** Sent at 100 ms, ended at 600 ms. */
const request = (more: object = {}) => sampleOf({ sent_us: 100 * MS, ended_us: 600 * MS, ...more });

describe('a completion in closed loop counts by the share of its residence in the window', () => {
  test.each([
    ['all of it', 0, 1000, 1],
    ['all of it, edge to edge', 100, 600, 1],
    ['sent before the window, as in the warm-up', 200, 1000, 0.8],
    ['ended after the window, in the drain', 0, 200, 0.2],
    ['in flight throughout the window', 300, 400, 0.2],
    ['ended before it', 600, 1000, 0],
    ['sent after it', 0, 100, 0],
  ])('%s', (_, from, to, share) => {
    expect(completionIn(request(), 'closed', from * MS, to * MS)).toBe(share);
  });

  test('and completely in a run that never closed', () => {
    expect(completionIn(request(), 'closed', 0, Infinity)).toBe(1);
    expect(completionIn(request(), 'closed', 200 * MS, Infinity)).toBe(0.8);
  });

  test.each(['aborted', 'not_sent', 'timeout', 'http_error', 'stream_truncated'])(
    'not if it is %s',
    (outcome) => {
      expect(completionIn(request({ outcome }), 'closed', 0, 1e6)).toBe(0);
    },
  );

  test.each([
    ['before', 700, 0],
    ['at the first edge', 600, 0],
    ['inside', 500, 1],
    ['at the last edge', 400, 1],
  ])('a residence of 0 counts at its end: %s', (_, from, share) => {
    const at = request({ sent_us: 600 * MS });
    expect(completionIn(at, 'closed', from * MS, (from + 200) * MS)).toBe(share);
  });
});

test.each([
  [0, 599, 0],
  [0, 600, 1],
  [599, 1000, 1],
  [600, 1000, 0],
])('in open loop it counts at its end: from %d to %d ms', (from, to, count) => {
  expect(completionIn(request(), 'open', from * MS, to * MS)).toBe(count);
});
