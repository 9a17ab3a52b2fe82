import type { TokenUnit } from '../analysis/misleading.ts';
import type { Report } from '../analysis/report.ts';

/** The unit of a token figure if it is not the token: `event` if events stand for tokens, `mixed` if they do in some requests. */
export interface PerEvent {
  per?: Exclude<TokenUnit, 'token'>;
}

/** Returns the unit of the token figures of a run. The summary of an earlier version shows it only for runs without any count. */
export function tokenUnitOf({ tokens: { unit, from } }: Pick<Report, 'tokens'>): TokenUnit | null {
  if (unit !== undefined) return unit;
  return from.events !== undefined && Object.keys(from).length === 1 ? 'event' : null;
}

/** Returns the unit of the token figures of several runs together. */
export function perEventOf(runs: readonly Pick<Report, 'tokens'>[]): PerEvent {
  const units = new Set(runs.map((run) => tokenUnitOf(run) ?? 'token'));
  if (units.size === 1 && units.has('token')) return {};
  return { per: units.size === 1 && units.has('event') ? 'event' : 'mixed' };
}
