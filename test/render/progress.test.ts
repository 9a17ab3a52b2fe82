import { describe, expect, it } from 'vitest';
import { progressLine } from '../../src/render/progress.ts';
import { progressState } from './progress-states.ts';

const state = progressState();

describe('progressLine', () => {
  it('shows every field if there is enough width', () => {
    expect(progressLine(state, 130)).toBe(
      'measure 0:34, 0:25 left  sent 171/300  in flight 4  ok 165  failed 2  ttft p50 98.2 ms, p99 312 ms  gap p50 20.0 ms  612 tok/s',
    );
  });

  it('says if events are counted instead of tokens', () => {
    expect(progressLine({ ...state, per_event: true }, 140)).toMatch(/612 tok\/s per event$/);
  });

  it('omits unknown values', () => {
    const unknown = {
      left_ms: null,
      planned: null,
      ttft_p50_ms: null,
      ttft_p99_ms: null,
      gap_p50_ms: null,
      output_tps: null,
    };
    expect(progressLine({ ...state, phase: 'drain', ...unknown }, 120)).toBe(
      'drain 0:34  sent 171  in flight 4  ok 165  failed 2',
    );
  });

  it.each([
    [
      103,
      'measure 0:34, 0:25 left  sent 171/300  in flight 4  failed 2  ttft p50 98.2 ms, p99 312 ms  612 tok/s',
    ],
    [79, 'measure 0:34/1:00  sent 171/300  in flight 4  failed 2  ttft 98.2 ms  612 tok/s'],
    [70, 'measure 0:34/1:00  sent 171/300  in flight 4  failed 2  ttft 98.2 ms'],
    [30, 'measure 0:34/1:00  failed 2'],
    [7, 'measure'],
  ])('at %d columns says what matters most', (width, line) => {
    expect(progressLine(state, width)).toBe(line);
  });

  it('is never wider than the width', () => {
    for (let width = 0; width <= 120; width++)
      expect(progressLine(state, width).length).toBeLessThanOrEqual(width);
  });
});
