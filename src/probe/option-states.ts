import type { ApiName } from '../client/api/api.ts';
import { apiNamed } from '../client/api/apis.ts';
import { type OptionalField, isSetByUser } from '../client/api/request-profile.ts';
import type { NegotiationResult } from '../client/negotiation.ts';
import type { StreamFacts } from '../client/observer.ts';
import type { OptionFound } from './endpoint-profile.ts';

/** Fields that are tried only if needed: padding that is absent cannot be switched off. */
const ON_NEED: ReadonlySet<OptionalField> = new Set(['include_obfuscation']);

/**
 * Returns the state of each optional field of an API.
 * @param rounds of the negotiation; the last holds
 * @param facts of an answer that all of them were asked with
 * @param disproved those that an answer shows to have had no effect
 */
export function optionsFound(
  api: ApiName,
  extra: Readonly<Record<string, unknown>>,
  rounds: readonly NegotiationResult[],
  facts: StreamFacts,
  disproved: ReadonlySet<OptionalField>,
): Partial<Record<OptionalField, OptionFound>> {
  const refused = new Map(rounds.flatMap((round) => round.refused.map(({ what, said }) => [what, said])));
  const ignored = rounds.flatMap((round) => round.ignored);
  const { optionalFields } = rounds.at(-1)!.profile;
  const stateOf = (ask: OptionalField): OptionFound['state'] | null => {
    if (isSetByUser(ask, extra)) return 'yours';
    if (refused.has(ask)) return 'refused';
    if (ignored.includes(ask)) return 'ignored';
    if (!optionalFields.includes(ask)) return ON_NEED.has(ask) ? 'not needed' : null;
    if (ask === 'ignore_eos' || ask === 'min_tokens') return disproved.has(ask) ? 'ignored' : 'taken';
    return ask === 'include_usage' && !facts.usage ? 'ignored' : 'works';
  };
  return Object.fromEntries(
    apiNamed(api).optionalFields.flatMap((ask) => {
      const state = stateOf(ask);
      return state === null ? [] : [[ask, { state, said: refused.get(ask) ?? null }]];
    }),
  );
}
