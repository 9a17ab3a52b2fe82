import type { RunHeader } from '../record/header.ts';
import type { Microseconds } from '../units.ts';
import { watchThread } from './thread-watch.ts';
import { betweenReadings, type MachineReading, readMachine } from './machine-reading.ts';

export interface ProcessWatch {
  /** Ends the watch over the window at `at_us`, if the window did not close as planned; without effect if it has ended before. */
  end(at_us: Microseconds): void;
  close(): Pick<RunHeader, 'main' | 'process' | 'host'>;
}

/** Watches the main thread, the process and the machine over the window. Call it in the main thread before the window begins. */
export function watchProcess(
  now: () => Microseconds,
  edges: { warmup_us: Microseconds; end_us: Microseconds | null },
): ProcessWatch {
  const watch = watchThread();
  let from = readMachine();
  let to: MachineReading | null = null;
  const at = (at_us: Microseconds, callback: (late_ms: number) => void): NodeJS.Timeout =>
    setTimeout(() => callback((now() - at_us) / 1000), Math.max(0, Math.ceil((at_us - now()) / 1000)));
  const timers = [
    at(edges.warmup_us, (late_ms) => {
      watch.begin(late_ms);
      from = readMachine();
    }),
  ];
  const end = (late_ms: number): void => {
    for (const timer of timers) clearTimeout(timer);
    watch.end(late_ms);
    to ??= readMachine();
  };
  if (edges.end_us !== null) timers.push(at(edges.end_us, end));
  return {
    end: (at_us) => end(Math.max(0, now() - at_us) / 1000),
    close() {
      for (const timer of timers) clearTimeout(timer);
      return { ...betweenReadings(from, to ?? readMachine()), main: watch.close() };
    },
  };
}
