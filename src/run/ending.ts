import { defect, GoodputError } from '../errors.ts';
import type { RunHeader } from '../record/header.ts';
import type { Microseconds } from '../units.ts';

/** How a run ends, where that is not left to its plan: by the user, by a gate, by a search that has seen enough, or by a failure. */
export class Ending {
  /** How often the user, or a gate, asked for it. */
  interruptions = 0;
  /** When the load ended; `null`: as planned. */
  at_us: Microseconds | null = null;
  /** Where W closed before that. */
  concluded_us: Microseconds | null = null;
  /** Why it failed. */
  error: GoodputError | null = null;
  /** The gate that cannot be met any more. */
  hopeless: string | null = null;
  readonly #asked = Promise.withResolvers<void>();

  /** Settles with the first interrupt. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  interrupt(at_us: Microseconds): void {
    this.interruptions++;
    this.at_us ??= at_us;
    this.#asked.resolve();
  }

  /** W is what came before `end_us`. */
  conclude(end_us: Microseconds, now_us: Microseconds): Microseconds {
    this.at_us = now_us;
    return (this.concluded_us = Math.min(end_us, now_us));
  }

  /** Keeps the first failure; what is none of ours is of this kind. */
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

  /** What `run.json` says of it. */
  get told(): Pick<RunHeader, 'status' | 'reason' | 'fix' | 'stopped_by'> {
    const asked = this.interruptions > 0 ? 'interrupted by the user' : null;
    const unusable = this.error?.kind === 'unusable' ? this.error : null;
    return {
      status: this.status,
      reason: this.error?.message ?? this.hopeless ?? asked,
      ...(unusable?.hint == null ? {} : { fix: unusable.hint }),
      ...(unusable !== null
        ? { stopped_by: 'endpoint' }
        : this.hopeless !== null
          ? { stopped_by: 'gate' }
          : {}),
    };
  }
}
