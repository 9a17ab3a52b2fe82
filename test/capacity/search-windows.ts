import type { SearchWindow } from '../../src/capacity/search-window.ts';

/** A long window at its target, with whatever a test gives it. */
export const probe = (given: Partial<SearchWindow>): SearchWindow => ({
  number: 1,
  kind: 'refinement',
  level: 10,
  seed: 1,
  ended: 'full',
  void: null,
  contended: null,
  suspect: null,
  run: null,
  warmup_s: 15,
  window_s: 240,
  took_s: 260,
  sent: 2550,
  sessions: given.sent ?? 2550,
  n: 2400,
  good: 2160,
  design: 5,
  e2e_s: 1,
  completed_rps: 10,
  growth_rps: 0,
  missed: {},
  ...given,
});
