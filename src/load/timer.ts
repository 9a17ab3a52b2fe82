import type { Microseconds } from '../units.ts';

/** A timer for absolute instants. It is never early, and late by well under a millisecond unless the event loop is busy. */
export interface DeadlineTimer {
  /** Calls back at `at_us` or as soon after as the event loop allows. Replaces the callback that was armed before. */
  arm(at_us: Microseconds, callback: () => void): void;
  cancel(): void;
}

/** `setTimeout` counts whole milliseconds from a cached clock and may be late by more than one, so it is set this much earlier. */
const COARSE_US = 1500;
/** Polling before an instant is allowed once per this time, which limits it to 15% of the event loop's time. */
const POLL_EVERY_US = 10_000;

export function deadlineTimer(now: () => Microseconds): DeadlineTimer {
  let timeout: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let lastPoll_us = -Infinity;

  function cancel(): void {
    clearTimeout(timeout);
    clearImmediate(immediate);
    timeout = undefined;
    immediate = undefined;
  }

  function arm(at_us: Microseconds, callback: () => void): void {
    cancel();
    const check = (polling: boolean): void => {
      const remaining_us = at_us - now();
      if (remaining_us <= 0) {
        callback();
      } else if (remaining_us > COARSE_US) {
        timeout = setTimeout(check, Math.floor((remaining_us - COARSE_US) / 1000) + 1, false);
      } else if (polling || now() - lastPoll_us >= POLL_EVERY_US) {
        // setImmediate lets the event loop read its sockets between two checks, so no arrival is timestamped late.
        lastPoll_us = now();
        immediate = setImmediate(check, true);
      } else {
        timeout = setTimeout(check, 1, false);
      }
    };
    check(false);
  }

  return { arm, cancel };
}
