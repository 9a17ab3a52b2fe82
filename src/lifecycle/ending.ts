import { defect, GoodputError } from '../errors.ts';
import type { RunHeader } from '../record/header.ts';
import type { Microseconds, Milliseconds } from '../units.ts';

/** The reasons that a request is cut for, as its sample's error gives them. */
export const CUT = {
  worker: 'the run was cut short',
  interrupted: 'interrupted',
  concluded: 'the measurement had shown enough',
  drained: (drain: Milliseconds): string => `still unfinished when the drain of ${drain / 1000} s ended`,
} as const;

/**
 * How a run ends if not as planned: the user or a gate stops it, a search concludes it, or it fails. Only the first of these decides
 * when the load ended.
 */
export class Ending {
  /** Requests to stop, by the user or for a gate. */
  interruptions = 0;
  /** When the load ended; `null`: as planned. */
  at_us: Microseconds | null = null;
  /** When the window closed, if a search concluded the run. */
  #concluded_us: Microseconds | null = null;
  /** The failure, if there was one. */
  error: GoodputError | null = null;
  #unreachableGate: string | null = null;
  readonly #stopRequested = Promise.withResolvers<void>();

  /** Resolves with the first interrupt. */
  get stopRequested(): Promise<void> {
    return this.#stopRequested.promise;
  }

  /** When the window closed; `null`: as planned. */
  get windowEnd_us(): Microseconds | null {
    return this.#concluded_us ?? this.at_us;
  }

  interrupt(now_us: Microseconds): void {
    this.interruptions++;
    this.at_us ??= now_us;
    this.#stopRequested.resolve();
  }

  /**
   * Records the gate that can no longer be met as the reason of the interrupt that follows.
   * @returns false if the load has already ended early: then nothing is to be done
   */
  stopForGate(reason: string): boolean {
    if (this.at_us !== null) return false;
    this.#unreachableGate = reason;
    return true;
  }

  /**
   * Closes the window at `end_us`, or now if that is earlier.
   * @returns when the window closed; `null` if the load has already ended early: then nothing is to be done
   */
  conclude(end_us: Microseconds, now_us: Microseconds): Microseconds | null {
    if (this.at_us !== null) return null;
    this.at_us = now_us;
    return (this.#concluded_us = Math.min(end_us, now_us));
  }

  /**
   * Keeps the first failure.
   * @param kind of an error that is not a `GoodputError`
   */
  fail(error: unknown, kind: 'defect' | 'io' = 'defect'): void {
    if (this.error !== null) return;
    const message = error instanceof Error ? error.message : String(error);
    this.error =
      error instanceof GoodputError
        ? error
        : kind === 'defect'
          ? defect(error, 'the run')
          : new GoodputError(kind, message, { cause: error });
  }

  get status(): 'complete' | 'interrupted' | 'failed' {
    if (this.error !== null) return 'failed';
    return this.interruptions > 0 ? 'interrupted' : 'complete';
  }

  /** The fields of `run.json` that describe the ending. */
  get headerFields(): Pick<RunHeader, 'status' | 'reason' | 'fix' | 'stopped_by'> {
    const byUser = this.interruptions > 0 ? 'interrupted by the user' : null;
    const unusable = this.error?.kind === 'unusable' ? this.error : null;
    return {
      status: this.status,
      reason: this.error?.message ?? this.#unreachableGate ?? byUser,
      ...(unusable?.hint == null ? {} : { fix: unusable.hint }),
      ...(unusable !== null
        ? { stopped_by: 'endpoint' }
        : this.#unreachableGate !== null
          ? { stopped_by: 'gate' }
          : {}),
    };
  }
}
