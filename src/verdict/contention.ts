import type { Report } from '../analysis/report.ts';
import { formatShare } from '../units.ts';

/** Of all processors' time, taken by the hypervisor for its other guests: from here on it is worth a word. */
export const STEAL_SHARE = 0.02;

/** Of the machine's processors, kept busy by other programs: goodput's threads then often wait for one. */
const OTHERS_SHARE = 0.25;

/** Returns what competed with goodput for the CPU during W; `null` where the system reports nothing of the kind. */
export function contentionOf({ health: { host } }: Report): string | null {
  if (host === null) return null;
  const { processors, others_processors: others, steal_share: stolen, pressure_share: pressure } = host;
  const parts: string[] = [];
  if (processors !== null && others !== null && others > OTHERS_SHARE * processors)
    parts.push(`other programs kept ${others.toFixed(1)} of ${processors} processors busy`);
  if (stolen !== null && stolen > STEAL_SHARE)
    parts.push(`the hypervisor took ${formatShare(stolen)} of the processor time for other guests`);
  if (parts.length === 0) return null;
  const waited =
    pressure === null ? '' : `; for ${formatShare(pressure)} of the window some task waited for one`;
  return `${parts.join(', ')}${waited}`;
}

/**
 * What kept this machine's processors from goodput during W, as an advice; `null` where nothing did that the system tells of.
 * A late send is goodput's all the same, and is held against the run; but the fix is another one.
 */
export function contentionAdvice(report: Report): string | null {
  const contention = contentionOf(report);
  return contention === null
    ? null
    : `This machine was not goodput's alone (${contention}): stop what else runs on it, or measure from another one.`;
}
