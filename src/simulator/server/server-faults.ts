import type { ServerFault, ServerFaultKind } from '../../faults.ts';
import type { Microseconds, Milliseconds } from '../../units.ts';

export interface FaultTarget {
  now(): Microseconds;
  begins(kind: ServerFaultKind, duration: Milliseconds): void;
  ends(kind: ServerFaultKind): void;
}

/** Injects server faults at their instants, which are absolute: a late fault does not delay the next one. */
export class ServerFaults {
  readonly #server: FaultTarget;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(faults: readonly ServerFault[], server: FaultTarget) {
    this.#server = server;
    for (const fault of faults) this.#schedule(fault, 0);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(fault: ServerFault, occurrence: number): void {
    const at = fault.at + occurrence * (fault.every ?? 0);
    this.#at(at, () => {
      this.#at(at + fault.for, () => this.#server.ends(fault.kind));
      if (fault.every !== null) this.#schedule(fault, occurrence + 1);
      // Called last, because a stall blocks the thread.
      this.#server.begins(fault.kind, fault.for);
    });
  }

  #at(since: Milliseconds, callback: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        callback();
      },
      Math.max(0, since - this.#server.now() / 1000),
    );
    this.#timers.add(timer);
  }
}
