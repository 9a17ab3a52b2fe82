import type { RunHeader, Window } from '../record/header.ts';
import type { WrittenSample } from '../record/samples-jsonl.ts';

/**
 * Returns the window of imported samples, by the rule for runs of N requests (docs/metrics.md, "Per run"). It starts with the first request
 * after the warm-up. In closed loop it ends at the first slot that is not used again (of requests that all
 * started together, at the last end); in open loop, where the instant of the next request is
 * unknown, at the last start. A window that has no length ends at the last end.
 */
export function windowOf(
  samples: readonly WrittenSample[],
  { loop, concurrency }: Pick<RunHeader['load'], 'loop' | 'concurrency'>,
): Window {
  const measured = samples.filter(({ phase }) => phase === 'measure');
  const starts = measured.map(({ sent_us }) => sent_us ?? 0);
  const start_us = starts.reduce((least, at) => Math.min(least, at), Infinity);
  const ends = samples.map(({ ended_us }) => ended_us).toSorted((a, b) => a - b);
  const last_us = ends.at(-1)!;
  const end_us =
    loop === 'open'
      ? starts.reduce((most, at) => Math.max(most, at), 0)
      : samples.length > concurrency!
        ? ends[samples.length - concurrency!]!
        : last_us;
  return { start_us, end_us: end_us > start_us ? end_us : last_us };
}
