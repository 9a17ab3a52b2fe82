import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/render/layout/wrap.ts';
import { panel } from '../../src/render/panel.ts';
import { ProgressHistory } from '../../src/render/progress-history.ts';
import type { ProgressState } from '../../src/render/progress.ts';
import { progressState } from './progress-states.ts';

const STYLE = { color: false, unicode: true, width: 80 };

/** Eight seconds of rising latencies. */
function rising(): ProgressHistory {
  const history = new ProgressHistory();
  for (let k = 0; k < 8; k++) {
    const [p50, p99] = [k, 8 - k];
    history.add(
      progressState({ at_ms: k * 1000, ttft_p50_ms: p50, ttft_p99_ms: p99, gap_p50_ms: 1, gap_p99_ms: null }),
    );
  }
  return history;
}

const draw = (changes: Partial<ProgressState> = {}, width = 80, style = STYLE): string[] =>
  panel(progressState(changes), rising(), style, width);

const judged = (changes: Partial<ProgressState['judged']>): Partial<ProgressState> => ({
  judged: { ...progressState().judged, ...changes },
});

/** Returns the line of a label, without the label. */
const lineOf = (label: string, lines: readonly string[]): string | undefined =>
  lines.find((line) => line.startsWith(`${label} `))?.slice(12);

describe('the panel', () => {
  it('shows phase, requests, failures, latencies with their course, speed, attainment and audit', () => {
    expect(draw()).toEqual([
      'Measure     ███████████████████████░░░░░░░░░░░░░░░░░  0:34 of 1:00, 0:26 left',
      'Requests    sent 171 of 300, in flight 4, ok 165, failed 2',
      'Failures    2 × http_error: HTTP 500: out of memory',
      'TTFT        p50 98.2 ms ▁▂▃▄▅▆▇█               p99 312 ms  ██▇▆▅▄▃▂',
      'ITL         p50 20.0 ms ████████               p99 41.3 ms',
      'Output      612 tok/s',
      'Attainment  95.8%, 160 of 167 good  ✓ meets attainment >= 95% so far',
      'Audit       ● valid so far',
    ]);
  });

  it('names what has no value yet, and omits what does not apply', () => {
    const lines = draw({
      phase: 'preflight',
      left_ms: null,
      planned: null,
      ttft_p50_ms: null,
      output_tps: null,
      ...judged({ attainment: null, judged: 0, gate: null, failure: null }),
    });
    expect(lineOf('Preflight', lines)).toBe('0:34');
    expect(lineOf('TTFT', lines)).toMatch(/^p50 – /);
    expect(lineOf('Output', lines)).toBe('–');
    expect(lineOf('Attainment', lines)).toBe('–');
    expect(lineOf('Failures', lines)).toBeUndefined();
    expect(lineOf('Attainment', draw(judged({ has_slos: false, gate: null })))).toBeUndefined();
  });

  it('calls gaps ITL only if each event is one token, and says if events stand for tokens', () => {
    expect(lineOf('ITL', draw({ tokens_per_event: 1.04 }))).toBeUndefined();
    expect(lineOf('Gap', draw({ tokens_per_event: null }))).toContain('p50 20.0 ms');
    expect(lineOf('Output', draw({ per_event: true }))).toBe('612 tok/s per event');
  });

  it('shows times that add up', () => {
    const times = (elapsed_ms: number, left_ms: number) => lineOf('Measure', draw({ elapsed_ms, left_ms }))!;
    expect(times(34_999, 25_001)).toMatch(/ 0:34 of 1:00, 0:26 left$/);
    expect(times(3, 59_996)).toMatch(/ 0:00 of 1:00, 1:00 left$/);
    expect(times(60_000, 0)).toMatch(/ 1:00 of 1:00, 0:00 left$/);
  });

  it('measures a closed loop of N requests by the requests that have ended, and says that a drain may end early', () => {
    expect(lineOf('Measure', draw({ left_ms: null, ok: 148, failed: 2 }))).toMatch(/^█{20}░{20} {2}0:34$/);
    expect(lineOf('Drain', draw({ phase: 'drain', elapsed_ms: 1000, left_ms: 9000 }))).toMatch(
      /0:01 of 0:10, at most 0:09 left$/,
    );
  });

  it('shows a missed gate and a bad audit in words too', () => {
    const reason = 'goodput itself sent 1 % of the requests at least 393.4 ms late (median TTFT: 43.29 ms).';
    const lines = draw({
      ...judged({
        attainment: 0.5,
        gate: { text: 'attainment >= 95%', met: false },
        audit: { status: 'invalid', reason },
      }),
    });
    expect(lineOf('Attainment', lines)).toContain('✗ misses attainment >= 95% so far');
    expect(
      lines
        .slice(-2)
        .map((line) => line.slice(12).trimStart())
        .join(' '),
    ).toBe(`● invalid: ${reason}`);
  });

  it('uses ASCII if the terminal has no other signs', () => {
    const suspect = judged({ audit: { status: 'suspect', reason: 'late – by 5 ms' } });
    const lines = draw(suspect, 80, { ...STYLE, unicode: false });
    expect(lines.join('')).toMatch(/^[\x20-\x7e]+$/);
    expect(lineOf('Audit', lines)).toBe('* suspect: late - by 5 ms');
  });

  it('is never wider than its width, nor higher than 12 lines, whatever a server sends', () => {
    const hostile = judged({
      failure: {
        outcome: 'http_error',
        status: 500,
        example: '\x1b[2J漢字🎉'.repeat(40) + '\n\r\x07',
        count: 1e6,
      },
      audit: { status: 'suspect', reason: 'word '.repeat(100) },
    });
    for (let width = 55; width <= 160; width++) {
      const lines = draw(
        { ...hostile, sent: 1e7, planned: 1e7, ok: 1e7, failed: 1e6, in_flight: 1e5 },
        width,
      );
      expect(lines.length).toBeLessThanOrEqual(12);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    }
  });
});
