import { PerformanceObserver, performance } from 'node:perf_hooks';
import type { ThreadHealth } from '../record/header.ts';
import type { Milliseconds } from '../units.ts';
import { LOOK_EVERY_MS, LoopDelays, untilNextLook } from './loop-delays.ts';

/** Watches over the stretch from `begin` to `end` (W), and over what comes after it (the drain). */
export interface ThreadWatch {
  /** Call-backs may come late, and then just because of what is to be found out: each says how late it is. */
  begin(late_ms: number): void;
  end(late_ms: number): void;
  /** Sockets have been read until now, for `for_ms`. */
  read(for_ms: Milliseconds): void;
  /** Stops watching; ends the stretch where that has not happened. */
  close(): ThreadHealth;
}

/**
 * Watches this thread's event loop and garbage collector. A delay belongs to the stretch that it touches: one that goes on
 * over an edge counts whole, for what was stamped then is wrong on either side.
 *
 * Node's own `monitorEventLoopDelay` starts afresh at a reset and so misses just that one; and entries of the garbage
 * collector are delivered late, so each is placed by its own instant.
 */
export function watchThread(): ThreadWatch {
  let begun = performance.now();
  let ended: number | null = null;
  let busy = performance.eventLoopUtilization();
  let utilization = 0;
  let longest_ms = 0;
  let longestAfter_ms = 0;
  let lastLook = performance.now();
  const delays = new LoopDelays();
  let timer: NodeJS.Timeout;
  let pauses: { at: number; ms: number }[] = [];

  const look = (): void => {
    const now = performance.now();
    const delay_ms = delays.look(now);
    if (now > begun && (ended === null || lastLook < ended)) longest_ms = Math.max(longest_ms, delay_ms);
    else if (ended !== null) longestAfter_ms = Math.max(longestAfter_ms, delay_ms);
    lastLook = now;
  };
  const next = (): void => {
    const wait_ms = untilNextLook();
    delays.expect(performance.now() + wait_ms);
    timer = setTimeout(() => {
      look();
      next();
    }, wait_ms);
  };
  next();

  const observer = new PerformanceObserver((list) => keep(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  const keep = (entries: readonly { startTime: number; duration: number }[]): void => {
    for (const { startTime, duration } of entries) pauses.push({ at: startTime, ms: duration });
  };

  const end = (late_ms: number): void => {
    if (ended !== null) return;
    utilization = performance.eventLoopUtilization(busy).utilization;
    ended = performance.now() - late_ms;
  };

  return {
    begin(late_ms) {
      // Interrupted in the warm-up: W has no length, and no beginning.
      if (ended !== null) return;
      begun = performance.now() - late_ms;
      // What came too late for W's beginning is left out of its busy time only where it is little.
      if (late_ms < LOOK_EVERY_MS) busy = performance.eventLoopUtilization();
      if (lastLook < begun) longest_ms = 0;
    },
    end,
    read: (for_ms) => delays.read(performance.now(), for_ms),
    close() {
      look();
      end(0);
      clearTimeout(timer);
      keep(observer.takeRecords());
      observer.disconnect();
      const within = pauses.filter(({ at }) => at >= begun && at <= ended!).map(({ ms }) => ms);
      const { p50, p95, p99 } = delays.percentiles(begun, ended!);
      return {
        event_loop_delay_p50_ms: p50 === null ? null : round(p50),
        event_loop_delay_p95_ms: p95 === null ? null : round(p95),
        event_loop_delay_p99_ms: p99 === null ? null : round(p99),
        event_loop_delay_max_ms: round(longest_ms),
        drain_delay_max_ms: round(longestAfter_ms),
        event_loop_utilization: round(utilization),
        gc_pauses_ms: round(within.reduce((sum, ms) => sum + ms, 0)),
        gc_pause_max_ms: round(within.reduce((max, ms) => Math.max(max, ms), 0)),
      };
    },
  };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
