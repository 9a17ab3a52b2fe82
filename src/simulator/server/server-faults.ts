import type { ServerFault, ServerFaultKind } from '../../faults.ts';
import type { Microseconds, Milliseconds } from '../../units.ts';

/** What the faults of a whole server do to it. */
export interface Afflicted {
  /** Instants since the start. */
  now(): Microseconds;
  begins(kind: ServerFaultKind, lasts: Milliseconds): void;
  ends(kind: ServerFaultKind): void;
}

/** Brings the faults of a whole server about at their instants, which are absolute: one that is late makes none after it later. */
export class ServerFaults {
  readonly #server: Afflicted;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(faults: readonly ServerFault[], server: Afflicted) {
    this.#server = server;
    for (const fault of faults) this.#schedule(fault, 0);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(fault: ServerFault, time: number): void {
    const at = fault.at + time * (fault.every ?? 0);
    this.#at(at, () => {
      this.#at(at + fault.for, () => this.#server.ends(fault.kind));
      if (fault.every !== null) this.#schedule(fault, time + 1);
      // Last of all: a stall holds everything up.
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
