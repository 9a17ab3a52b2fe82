import type { ApiName } from '../client/api/api.ts';
import { type Ask, asksOf, isSettled } from '../client/api/asking.ts';
import type { Agreed } from '../client/negotiate.ts';
import type { StreamFacts } from '../client/observer.ts';
import type { OptionFound } from './portrait.ts';

/** Those that were not tried where nobody needs them: padding that does not come cannot be asked away. */
const ON_NEED: ReadonlySet<Ask> = new Set(['include_obfuscation']);

/**
 * What became of each field that an API has a place for.
 * @param rounds of the negotiation; the last holds
 * @param facts of an answer that all of them were asked with
 * @param disproved those that an answer shows to have had no effect
 */
export function optionsFound(
  api: ApiName,
  extra: Readonly<Record<string, unknown>>,
  rounds: readonly Agreed[],
  facts: StreamFacts,
  disproved: ReadonlySet<Ask>,
): Partial<Record<Ask, OptionFound>> {
  const refused = new Map(rounds.flatMap((round) => round.refused.map(({ what, said }) => [what, said])));
  const ignored = rounds.flatMap((round) => round.ignored);
  const { asks } = rounds.at(-1)!.asking;
  const stateOf = (ask: Ask): OptionFound['state'] | null => {
    if (isSettled(ask, extra)) return 'yours';
    if (refused.has(ask)) return 'refused';
    if (ignored.includes(ask)) return 'ignored';
    if (!asks.includes(ask)) return ON_NEED.has(ask) ? 'not needed' : null;
    if (ask === 'ignore_eos' || ask === 'min_tokens') return disproved.has(ask) ? 'ignored' : 'taken';
    return ask === 'include_usage' && !facts.usage ? 'ignored' : 'works';
  };
  return Object.fromEntries(
    asksOf(api).flatMap((ask) => {
      const state = stateOf(ask);
      return state === null ? [] : [[ask, { state, said: refused.get(ask) ?? null }]];
    }),
  );
}
