import { share, significant } from '../numbers.ts';
import type { Report } from '../analysis/report.ts';

/** The share of processor time taken by the hypervisor for other guests above which it is reported. */
export const STEAL_SHARE = 0.02;

/** The share of processors kept busy by other programs above which goodput's threads often wait for one. */
const OTHERS_SHARE = 0.25;

/** The part of a report that shows what else the machine did. */
export interface HostFacts {
  health: Pick<Report['health'], 'host'>;
}

/** Returns what competed with goodput for the CPU during W; `null` if nothing did, or the system does not report it. */
export function contentionOf({ health: { host } }: HostFacts): string | null {
  if (host === null) return null;
  const { processors, others_processors: others, steal_share: stolen, pressure_share: pressure } = host;
  const parts: string[] = [];
  if (processors !== null && others !== null && others > OTHERS_SHARE * processors)
    parts.push(`other programs kept ${significant(others, 2)} of ${processors} processors busy`);
  if (stolen !== null && stolen > STEAL_SHARE)
    parts.push(`the hypervisor took ${share(stolen)} of the processor time for other guests`);
  if (parts.length === 0) return null;
  const waited =
    pressure === null ? '' : `; for ${share(pressure)} of the window some task waited for a processor`;
  return `${parts.join(', ')}${waited}`;
}

/**
 * Returns advice that names what competed with goodput for the CPU during W, or `null`. Competition does not excuse a late send: the
 * run is judged in the same way, but the fix is a different one.
 */
export function contentionAdvice(report: HostFacts): string | null {
  const contention = contentionOf(report);
  return contention === null
    ? null
    : `Other programs competed for the CPU (${contention}): stop them, or measure from another machine.`;
}
