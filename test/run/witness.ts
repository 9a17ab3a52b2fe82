/**
 * Watches the machine beside a timed run: a plain interval that comes late by more than `late_ms` saw the same stall that
 * the run met. @returns a function that ends the watch and tells how many ticks were late
 */
export function watchMachine(late_ms: number): { end(): number } {
  const EVERY_MS = 10;
  let late = 0;
  let due = performance.now() + EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    // Node's timers count whole milliseconds: one may be late by that much without any stall.
    if (now - due > late_ms + 1) late++;
    due = now + EVERY_MS;
  }, EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      return late;
    },
  };
}
