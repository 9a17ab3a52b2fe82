import type { TokenUnit } from '../analysis/misleading.ts';
import type { Report } from '../analysis/report.ts';

/** Part of what holds a figure by token: `event` where events stand for tokens, `mixed` where they do in some requests. */
export interface PerEvent {
  per?: Exclude<TokenUnit, 'token'>;
}

/** What figures by token count in a run; of an earlier version's summary only a run without any count is known. */
export function tokenUnitOf({ tokens: { unit, from } }: Pick<Report, 'tokens'>): TokenUnit | null {
  if (unit !== undefined) return unit;
  return from.events !== undefined && Object.keys(from).length === 1 ? 'event' : null;
}

/** What figures by token count in several runs together. */
export function perEventOf(runs: readonly Pick<Report, 'tokens'>[]): PerEvent {
  const units = new Set(runs.map((run) => tokenUnitOf(run) ?? 'token'));
  if (units.size === 1 && units.has('token')) return {};
  return { per: units.size === 1 && units.has('event') ? 'event' : 'mixed' };
}
