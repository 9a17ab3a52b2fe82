import { readFileSync } from 'node:fs';
import { GoodputError } from '../../errors.ts';
import { monotonic_ns } from '../../health/monotonic-clock.ts';
import type { Meeting } from '../../lifecycle/run-options.ts';
import type { PlanShare } from '../../scenario/keys/scenario.ts';
import { formatDuration, type Milliseconds } from '../../units.ts';
import type { PlanParts } from '../plan-parts.ts';

/** The clocks of a host. */
export interface HostClock {
  monotonic_ns(): bigint;
  /** Milliseconds since 1970. */
  epoch_ms(): number;
  /** Identifies the host since it was started: processes with the same one share the monotonic clock. `null`: unknown. */
  readonly boot: string | null;
}

/** The clocks of this host. */
export function hostClock(): HostClock {
  let boot: string | null = null;
  try {
    boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Only Linux has it.
  }
  return { monotonic_ns, epoch_ms: () => Date.now(), boot };
}

/** A rank that is ready to start. */
export interface Arrival {
  /** Identifies the run of the rank. */
  id: string;
  parts: PlanParts;
}

/** The place where the ranks of a run meet. */
export interface MeetingPlace {
  /**
   * Waits until all ranks are ready.
   * @throws {GoodputError} kind `ranks` that names the ranks that did not arrive; then no rank starts
   */
  meet(arrival: Arrival): Promise<Meeting>;
  /** Keeps all ranks from starting, if they have not agreed on the start yet. */
  leave(reason: string): Promise<void>;
  close(): Promise<void>;
}

export interface MeetingOptions {
  rank: PlanShare;
  timeout: Milliseconds;
  clock: HostClock;
}

/** Returns the names of ranks: "rank 2", "ranks 2 and 5", "ranks 1, 2 and 5". */
function ranksText(indices: readonly number[]): string {
  if (indices.length === 1) return `rank ${indices[0]}`;
  const shown = indices.length > MOST_NAMED ? indices.slice(0, MOST_NAMED) : indices;
  const last =
    shown.length < indices.length ? `${indices.length - shown.length} others` : String(shown.at(-1));
  const others = shown.length < indices.length ? shown : shown.slice(0, -1);
  return `ranks ${others.join(', ')} and ${last}`;
}

const MOST_NAMED = 20;

/** Returns why no rank starts: some did not arrive in time. */
export const missingText = (missing: readonly number[], of: number, timeout: Milliseconds): string =>
  `${ranksText(missing)} of ${of} did not arrive within ${formatDuration(timeout)}`;

export const leftText = ({ index, of }: PlanShare, reason: string): string =>
  `rank ${index} of ${of} left before the start (${reason})`;

/** The error of a rank that does not start. */
export const notStarted = (why: string): GoodputError =>
  new GoodputError('ranks', `no rank started: ${why}`, {
    hint: 'Start all ranks again, with another --out folder; --meet-timeout is the time for all of them to arrive.',
  });

/** The error of a rank that would start late. */
export const learnedLate = ({ index, of }: PlanShare, late_ms: number): GoodputError =>
  new GoodputError(
    'ranks',
    `rank ${index} of ${of} learned of the start ${formatDuration(Math.max(1, Math.round(late_ms)))} after it, and did not start`,
    {
      hint: 'The others have started: goodput merge counts its requests as lost. Is this machine, or the shared folder, very slow?',
    },
  );
