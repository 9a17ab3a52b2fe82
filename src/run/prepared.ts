import type { Prepared } from '../client/connection/pool.ts';
import type { Microseconds } from '../units.ts';

/** What opening connections beforehand took, over all workers, in a sentence; `null` where none was asked for. */
export function preparedNote(all: readonly Prepared[]): string | null {
  if (all.length === 0) return null;
  const times = all.flatMap(({ opened_us }) => opened_us).toSorted((a, b) => a - b);
  const failed = all.reduce((sum, each) => sum + each.failed, 0);
  const ms = (us: Microseconds): string => `${Number((us / 1000).toPrecision(3))} ms`;
  const took =
    times.length === 0
      ? ''
      : `, p50 ${ms(times[Math.ceil(times.length / 2) - 1]!)}, longest ${ms(times.at(-1)!)}`;
  const problem = all.find((each) => each.problem !== null)?.problem ?? '';
  const rest = failed === 0 ? '' : `; ${failed} could not be opened (${problem})`;
  return `${times.length} connections were opened before the first request${took}${rest}: what that took is in no latency.`;
}
