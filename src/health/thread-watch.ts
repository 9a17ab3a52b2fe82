import { PerformanceObserver, performance } from 'node:perf_hooks';
import type { ThreadHealth } from '../record/header.ts';
import type { Milliseconds } from '../units.ts';
import { LateReads, type Reads } from './late-reads.ts';
import { CHECK_EVERY_MS, LoopDelays, untilNextCheck } from './loop-delays.ts';

/** How the event loop of a thread did so far, in the window and after it. */
export interface LoopState {
  /** The longest delay. */
  delay_max_ms: Milliseconds;
  /** Busy share of the window so far, 0 … 1. */
  busy_share: number;
  /** Length of the window so far. */
  over_s: number;
}

/** A watch over the window, from `begin` to `end`, and over the drain that follows it. */
export interface ThreadWatch {
  /** `late_ms`: how late the call is. A blocked event loop, which the watch measures, delays its callbacks too. */
  begin(late_ms: number): void;
  end(late_ms: number): void;
  /** Records an iteration of the event loop in which sockets were read. */
  read(reads: Reads): void;
  /** Returns the figures so far; `null` before the window. */
  soFar(): LoopState | null;
  /** Stops the watch; also ends the window if that has not happened. */
  close(): ThreadHealth;
}

/**
 * Watches this thread's event loop and garbage collector. A delay across the start or the end of the window counts completely on
 * both sides, because the timestamps on both sides are wrong.
 *
 * Node's `monitorEventLoopDelay` would miss a delay during which it is reset. Entries of the garbage collector are delivered late, so
 * each is assigned by its own instant.
 */
export function watchThread(): ThreadWatch {
  let beganAt = performance.now();
  let hasBegun = false;
  let endedAt: number | null = null;
  let busy = performance.eventLoopUtilization();
  let utilization = 0;
  let longest_ms = 0;
  let longestAfter_ms = 0;
  let lastCheck = performance.now();
  const delays = new LoopDelays();
  const late = new LateReads();
  let timer: NodeJS.Timeout;
  let pauses: { at: number; ms: number }[] = [];

  const check = (): void => {
    const now = performance.now();
    const delay_ms = delays.check(now);
    if (now > beganAt && (endedAt === null || lastCheck < endedAt))
      longest_ms = Math.max(longest_ms, delay_ms);
    else if (endedAt !== null) longestAfter_ms = Math.max(longestAfter_ms, delay_ms);
    lastCheck = now;
  };
  const next = (): void => {
    const wait_ms = untilNextCheck();
    delays.expect(performance.now() + wait_ms);
    timer = setTimeout(() => {
      check();
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
    if (endedAt !== null) return;
    utilization = performance.eventLoopUtilization(busy).utilization;
    endedAt = performance.now() - late_ms;
  };

  return {
    begin(late_ms) {
      // The run was interrupted in the warm-up: the window has no length and no start.
      if (endedAt !== null) return;
      beganAt = performance.now() - late_ms;
      hasBegun = true;
      // The time until a late callback is excluded from the window's busy time only if it is short.
      if (late_ms < CHECK_EVERY_MS) busy = performance.eventLoopUtilization();
      if (lastCheck < beganAt) longest_ms = 0;
    },
    end,
    soFar: () =>
      hasBegun
        ? {
            delay_max_ms: round(Math.max(longest_ms, longestAfter_ms)),
            busy_share:
              endedAt === null
                ? round(performance.eventLoopUtilization(busy).utilization)
                : round(utilization),
            over_s: ((endedAt ?? performance.now()) - beganAt) / 1000,
          }
        : null,
    read(reads) {
      delays.read(performance.now(), reads.for_us / 1000);
      if (hasBegun && endedAt === null) late.add(reads);
    },
    close() {
      check();
      end(0);
      clearTimeout(timer);
      keep(observer.takeRecords());
      observer.disconnect();
      const within = pauses.filter(({ at }) => at >= beganAt && at <= endedAt!).map(({ ms }) => ms);
      const { p50, p95, p99 } = delays.percentiles(beganAt, endedAt!);
      return {
        event_loop_delay_p50_ms: p50 === null ? null : round(p50),
        event_loop_delay_p95_ms: p95 === null ? null : round(p95),
        event_loop_delay_p99_ms: p99 === null ? null : round(p99),
        event_loop_delay_max_ms: round(longest_ms),
        stamp_delay_p99_ms: late.p99_ms(),
        drain_delay_max_ms: round(longestAfter_ms),
        event_loop_utilization: round(utilization),
        gc_pauses_ms: round(within.reduce((sum, ms) => sum + ms, 0)),
        gc_pause_max_ms: round(within.reduce((max, ms) => Math.max(max, ms), 0)),
      };
    },
  };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
