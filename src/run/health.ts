import {
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks';

/** How a thread fared over a stretch of time. */
export interface ThreadHealth {
  event_loop_delay_max_ms: number;
  /** Busy share of the event loop, 0 … 1. */
  event_loop_utilization: number;
  gc_pauses_ms: number;
  gc_pause_max_ms: number;
}

const RESOLUTION_MS = 10;

/** Durations of the pauses that began in the stretch: Node reports a pause some turns after it, so older ones come too. */
export function pausesSince(
  pauses: readonly Pick<PerformanceEntry, 'startTime' | 'duration'>[],
  from_ms: number,
): number[] {
  return pauses.filter(({ startTime }) => startTime >= from_ms).map(({ duration }) => duration);
}

/** Watches this thread's event loop and garbage collector. `begin` starts the stretch anew (at the start of W), `end` reads it. */
export function watchThread(): { begin(): void; end(): ThreadHealth } {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let pauses_ms = 0;
  let longest_ms = 0;
  let from_ms = performance.now();
  const count = (pauses: readonly PerformanceEntry[]): void => {
    for (const duration of pausesSince(pauses, from_ms)) {
      pauses_ms += duration;
      longest_ms = Math.max(longest_ms, duration);
    }
  };
  const observer = new PerformanceObserver((list) => count(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  let since = performance.eventLoopUtilization();
  let ended: ThreadHealth | null = null;
  return {
    begin() {
      delays.reset();
      from_ms = performance.now();
      pauses_ms = 0;
      longest_ms = 0;
      since = performance.eventLoopUtilization();
    },
    end() {
      if (ended !== null) return ended;
      delays.disable();
      count(observer.takeRecords());
      observer.disconnect();
      // The monitor's own timer is due every RESOLUTION_MS: what it sees beyond that is delay. It holds no samples before its first tick.
      const max_ms = delays.count === 0 ? 0 : Math.max(0, delays.max / 1e6 - RESOLUTION_MS);
      ended = {
        event_loop_delay_max_ms: round(max_ms),
        event_loop_utilization: round(performance.eventLoopUtilization(since).utilization),
        gc_pauses_ms: round(pauses_ms),
        gc_pause_max_ms: round(longest_ms),
      };
      return ended;
    },
  };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
