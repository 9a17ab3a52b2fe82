import type { Report } from '../../analysis/report.ts';
import { count, plural, share, significant, span } from '../../numbers.ts';
import { entry } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

/** Returns the figures of sessions; nothing if none has several turns. */
export const sessions = ({ sessions: figures }: Report, page: Page): string[] =>
  figures === undefined
    ? []
    : sessionTexts(figures).flatMap((text, k) => entry(k === 0 ? 'Sessions' : '', text, page));

/** Returns the figures of sessions in sentences. */
export function sessionTexts({
  started,
  count: ended,
  completed,
  cut,
  unfinished,
  turns_mean: turns,
  duration_ms: duration,
  good,
  attainment,
  good_per_min: perMinute,
}: NonNullable<Report['sessions']>): string[] {
  const ends = [`${count(completed)} completed`, `${count(cut)} cut by a failed turn`];
  const texts = [
    `${count(started)} started in the window: ${ends.join(', ')}, ${count(unfinished)} unfinished`,
  ];
  if (ended === 0) return texts;
  const seconds = (ms: number | null): string => (ms === null ? '–' : span(ms / 1000));
  texts.push(
    `${significant(turns ?? 0)} turns on average; duration mean ${seconds(duration.mean)}, p50 ${seconds(duration.p50)}, p95 ${seconds(duration.p95)}, max ${seconds(duration.max)}`,
  );
  if (attainment !== null)
    texts.push(
      `every turn good in ${count(good)} of ${plural(ended, 'session')} (${share(attainment)})${perMinute === null ? '' : `: ${significant(perMinute)} good sessions/min`}`,
    );
  return texts;
}
