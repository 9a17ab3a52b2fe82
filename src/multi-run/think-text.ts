import { formatDurationLaw } from '../scenario/keys/duration-law-key.ts';
import type { Workload } from '../scenario/keys/scenario.ts';

/** Returns the time between an answer and the next turn of a workload, in words. */
export function thinkText({ sessions, data }: Pick<Workload, 'sessions' | 'data'>): string {
  if (sessions !== null) return formatDurationLaw(sessions.think);
  const law = data?.think ?? null;
  return law === null ? 'as recorded' : `as recorded, else ${formatDurationLaw(law)}`;
}
