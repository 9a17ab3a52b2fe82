import type { DurationLaw } from '../durations.ts';
import type { Workload } from '../scenario/keys/scenario.ts';
import { formatDuration } from '../units.ts';

/** Returns the time between an answer and the next turn of a workload in words, such as `5s on average (exponential)`. */
export function thinkText({ sessions, data }: Pick<Workload, 'sessions' | 'data'>): string {
  if (sessions !== null) return lawText(sessions.think);
  const recorded = 'the recorded length';
  const law = data?.think ?? null;
  return law === null ? recorded : `${recorded}, else ${lawText(law)}`;
}

function lawText(law: DurationLaw): string {
  switch (law.distribution) {
    case 'constant':
      return formatDuration(law.duration);
    case 'uniform':
      return `${formatDuration(law.min)} to ${formatDuration(law.max)}`;
    default:
      return `${formatDuration(law.mean)} on average (${law.distribution})`;
  }
}
