import type { RunHeader } from '../record/header.ts';
import type { Microseconds } from '../units.ts';
import { watchThread } from './health.ts';
import { betweenReadings, type MachineReading, readMachine } from './machine.ts';

/** Watches the main thread, the process and the machine over W; to be called before W begins, in the main thread. */
export function watchOurselves(
  now: () => Microseconds,
  edges: { warmup_us: Microseconds; end_us: Microseconds | null },
): { close(): Pick<RunHeader, 'main' | 'process' | 'host'> } {
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
  if (edges.end_us !== null) {
    timers.push(
      at(edges.end_us, (late_ms) => {
        watch.end(late_ms);
        to = readMachine();
      }),
    );
  }
  return {
    close() {
      for (const timer of timers) clearTimeout(timer);
      return { ...betweenReadings(from, to ?? readMachine()), main: watch.close() };
    },
  };
}
