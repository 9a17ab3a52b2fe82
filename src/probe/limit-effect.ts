import type { OptionalField, RequestProfile } from '../client/api/request-profile.ts';
import type { Exchange } from '../client/client.ts';
import type { LimitEffect } from './endpoint-profile.ts';

/** A response, and the limit of output tokens of its request. */
export interface Limited {
  name: string;
  asked: number;
  profile: RequestProfile;
  exchange: Exchange;
}

const NAMES = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'];
const BY_LENGTH = /length|max_(\w+_)?tokens/i;

/** Returns the limit in a request body: that of goodput, or that of the user. */
export function limitIn(body: Readonly<Record<string, unknown>>): Pick<Limited, 'name' | 'asked'> | null {
  for (const name of NAMES) {
    const asked = body[name];
    if (typeof asked === 'number') return { name, asked };
  }
  return null;
}

/** Returns how many tokens the server counted for each choice, or `null` where it did not count. */
function countOf({ outcome, tokens_from, output_tokens, choices = 1 }: Exchange): number | null {
  // Events are not tokens: a gateway may cut one token into several.
  if (outcome !== 'ok' || tokens_from === 'events' || output_tokens === null) return null;
  return output_tokens / choices;
}

/**
 * Returns whether the server obeys the limit. A single longer response shows that it does not; reasoning does not count
 * for that, because some servers limit the answer alone. `null` if no request had a limit or no tokens were counted.
 */
export function limitEffect(limited: readonly Limited[]): LimitEffect | null {
  const counted = limited.flatMap(({ name, asked, exchange }) => {
    const came = countOf(exchange);
    const reasoning = exchange.reasoning_tokens ?? 0;
    const { finish } = exchange;
    return came === null ? [] : [{ name, asked, came, answer: came - reasoning, finish: finish ?? '' }];
  });
  type Counted = (typeof counted)[number];
  const most = (of: Counted[], rank: (each: Counted) => number): Counted | undefined =>
    of.toSorted((a, b) => rank(b) - rank(a))[0];
  const share = ({ came, asked }: Counted): number => came / asked;
  const over = most(
    counted.filter(({ asked, answer }) => answer > asked),
    share,
  );
  const cut = most(
    counted.filter(
      ({ asked, came, answer, finish }) => answer <= asked && (came === asked || BY_LENGTH.test(finish)),
    ),
    ({ asked }) => asked,
  );
  const found = over ?? cut ?? most(counted, share);
  if (found === undefined) return null;
  const { name, asked, came } = found;
  // A gateway may raise a small limit to the least that the server behind it takes.
  const state = !over ? (cut ? 'obeyed' : 'unknown') : cut && cut.asked > asked ? 'partly' : 'ignored';
  return { name, state, asked, came, obeyed: cut?.asked ?? null };
}

/** Returns `ignore_eos` and `min_tokens` if a response with them ended before its limit: they forbid that, so they had no effect. */
export function disproved(limited: readonly Limited[]): ReadonlySet<OptionalField> {
  const early = limited.filter(({ asked, exchange }) => {
    const came = countOf(exchange);
    return came !== null && came < asked && !BY_LENGTH.test(exchange.finish ?? '');
  });
  return new Set(
    (['ignore_eos', 'min_tokens'] as const).filter((ask) =>
      early.some(({ profile }) => profile.optionalFields.includes(ask)),
    ),
  );
}
