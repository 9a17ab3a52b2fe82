import type { SessionReport } from '../analysis/session-figures.ts';
import { nullable, number, object } from '../document/definition.ts';

const duration = (text: string) => nullable(number(`${text}, in milliseconds.`));

/** `sessions` of the summary. */
export const SESSIONS = object<SessionReport>(
  {
    started: number('Sessions that began in the window.'),
    started_per_s: nullable(number('Starts of sessions per second.')),
    count: number('Sessions that began in the window and ended.'),
    completed: number('Of those, sessions whose last turn ended.'),
    cut: number('Of those, sessions that a failed turn ended.'),
    unfinished: number(
      'Sessions that began in the window and were not over when the run ended, or whose next turn would have been due after the window.',
    ),
    turns_mean: nullable(number('Mean number of turns that were sent.')),
    duration_ms: object<SessionReport['duration_ms']>(
      {
        mean: duration('Mean'),
        p50: duration('Median'),
        p95: duration('95th percentile, nearest rank'),
        max: duration('Longest'),
      },
      'From the start of the first turn to the end of the last, pauses included, in milliseconds.',
    ),
    good: number('Sessions in which every turn was good.'),
    attainment: nullable(number('Share of the ended sessions that were good, 0 to 1.')),
    good_per_min: nullable(number('Good sessions per minute of the window.')),
  },
  'Figures of sessions of several turns.',
);
