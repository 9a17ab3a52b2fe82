import type { ProgressState } from '../../src/render/progress.ts';

/** The state of a run that is being measured, with changes. */
export const progressState = (changes: Partial<ProgressState> = {}): ProgressState => ({
  phase: 'measure',
  at_ms: 39_200,
  elapsed_ms: 34_200,
  left_ms: 25_800,
  sent: 171,
  planned: 300,
  in_flight: 4,
  failed: 2,
  ok: 165,
  ttft_p50_ms: 98.23,
  ttft_p99_ms: 312.3,
  gap_p50_ms: 20.04,
  gap_p99_ms: 41.26,
  tokens_per_event: 1,
  output_tps: 612.34,
  judged: {
    judged: 167,
    good: 160,
    attainment: 160 / 167,
    has_slos: true,
    gate: { text: 'attainment >= 95%', met: true },
    failure: { outcome: 'http_error', status: 500, example: 'out of memory', count: 2 },
    audit: { status: 'valid', reason: null },
  },
  ...changes,
});
