import type { Report } from '../analysis/report.ts';
import { formatShare } from '../units.ts';

/** Of all processors' time, taken by the hypervisor for its other guests: from here on it is worth a word. */
export const STEAL_SHARE = 0.02;

/** Of the machine's processors, kept busy by other programs: goodput's threads then often wait for one. */
const OTHERS_SHARE = 0.25;

/**
 * What kept this machine's processors from goodput during W, as an advice; `null` where nothing did that the system tells of.
 * A late send is goodput's all the same, and is held against the run; but the way out is another one.
 */
export function contentionAdvice({ health: { host } }: Report): string | null {
  if (host === null) return null;
  const { processors, others_processors: others, steal_share: stolen, pressure_share: pressure } = host;
  const parts: string[] = [];
  if (processors !== null && others !== null && others > OTHERS_SHARE * processors)
    parts.push(`other programs kept ${others.toFixed(1)} of its ${processors} processors busy`);
  if (stolen !== null && stolen > STEAL_SHARE)
    parts.push(`its host took ${formatShare(stolen)} of them for others`);
  if (parts.length === 0) return null;
  const waited =
    pressure === null ? '' : `; for ${formatShare(pressure)} of the window some task waited for one`;
  return `This machine was not goodput's alone (${parts.join(', ')}${waited}): stop what else runs on it, or measure from another one.`;
}
