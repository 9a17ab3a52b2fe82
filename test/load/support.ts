import type { Job, Launcher } from '../../src/load/job.ts';
import { Lookahead } from '../../src/load/lookahead.ts';

/** Microseconds from now on. */
export function clock(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) * 1000;
}

export function jobsAt(instants_us: readonly (number | null)[]): Lookahead<Job> {
  const jobs = instants_us.map((planned_us, i): Job => ({
    i,
    session: i,
    planned_us,
    phase: planned_us === null ? null : 'measure',
    isLast: true,
  }));
  return new Lookahead(jobs.values(), () => 1);
}

export interface Launched {
  i: number;
  planned_us: number;
  released_us: number | null;
  phase: string | null;
  at_us: number;
  inFlight: number;
}

/** A launcher whose requests take `hold` ms, and that writes down what it saw. */
export function recorder(now: () => number, hold: (i: number) => number, shared = { inFlight: 0 }) {
  const launched: Launched[] = [];
  const left: { i: number; released_us: number | null; at_us: number }[] = [];
  const launcher: Launcher<Job> = {
    async launch(job, when) {
      shared.inFlight++;
      launched.push({ i: job.i, ...when, at_us: now(), inFlight: shared.inFlight });
      await new Promise((resolve) => setTimeout(resolve, hold(job.i)));
      shared.inFlight--;
      return { sent: true, at_us: now(), next: null };
    },
    leave(job, { released_us, at_us }) {
      left.push({ i: job.i, released_us, at_us });
    },
  };
  return { launched, left, launcher, shared };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Blocks this thread, as a stalled machine would. */
export function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
