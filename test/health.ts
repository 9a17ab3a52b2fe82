import type { HealthFigures } from '../src/analysis/report.ts';
import type { SteadyFigures } from '../src/analysis/steady-figures.ts';

const thread = {
  event_loop_delay_p50_ms: 0,
  event_loop_delay_p95_ms: 0,
  event_loop_delay_p99_ms: 1.5,
  stamp_delay_p99_ms: null,
  event_loop_delay_max_ms: 12,
  drain_delay_max_ms: 3,
  event_loop_utilization: 0.1,
  gc_pauses_ms: 20,
  gc_pause_max_ms: 2,
};

/** Health figures of a valid run on a quiet machine. */
export const SOUND_HEALTH: HealthFigures = {
  send_lag_p50_ms: 0.1,
  send_lag_p99_ms: 0.4,
  send_lag_max_ms: 1.1,
  dispatch_lag_p50_ms: 0.2,
  dispatch_lag_p99_ms: 0.6,
  dispatch_lag_max_ms: 1.5,
  connect_p50_ms: 0.1,
  connect_p99_ms: 0.3,
  connect_max_ms: 0.3,
  connections_opened: 9,
  event_loop_delay_p50_ms: 0,
  event_loop_delay_p95_ms: 0,
  event_loop_delay_p99_ms: 1.5,
  stamp_delay_p99_ms: null,
  event_loop_delay_max_ms: 12,
  event_loop_utilization: 0.1,
  gc_pauses_ms: 20,
  gc_pause_max_ms: 2,
  cpu_user_share: 0.08,
  cpu_system_share: 0.02,
  workers: [{ worker: 0, ...thread, connections_opened: 9 }],
  main: thread,
  host: {
    load_before: 0.2,
    load_after: 0.3,
    busy_share: 0.1,
    steal_share: 0,
    pressure_share: 0.01,
    suspended_ms: 0,
    processors: 4,
    others_processors: 0.1,
  },
};

const half = { rps: 5, ttft_ms: 100, in_flight: 3.2 };

export const SOUND_STEADY: SteadyFigures = {
  state: 'steady',
  ok: true,
  overload: false,
  offered_rps: null,
  completed_rps: null,
  warmup_needed_s: null,
  first: half,
  second: half,
  detail: '',
};
