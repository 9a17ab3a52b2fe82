import type { ApiName } from './api/api.ts';
import type { Ask, Asking, LimitName } from './api/asking.ts';
import { asksOf, hasTwoLimits, isSettled } from './api/asking.ts';
import type { Exchange } from './client.ts';
import type { StreamFacts } from './observer.ts';

/** One request that was sent to find out what a server takes. */
export interface Trial {
  exchange: Exchange;
  facts: StreamFacts;
}

/** Sends one small request with this asking; `room`: it may need more output tokens than the fewest that the API allows. */
export type Try = (asking: Asking, room: boolean) => Promise<Trial>;

/** Something that a server refused, and what became of it. */
export interface Refusal {
  what: Ask | LimitName;
  /** The server's words. */
  said: string;
}

export interface Agreed {
  asking: Asking;
  refused: Refusal[];
  /** Asked for, answered, and not found in the answer. */
  ignored: Ask[];
  /** Why nothing could be agreed on: the last request failed. `null`: it was answered. */
  failed: Exchange | null;
}

/** A server that refuses many things one by one is given up here. */
const MOST_TRIALS = 6;

/** Fields of no use where the server does not show that they work. */
const EXTRAS: readonly Ask[] = ['continuous_usage_stats', 'return_token_ids'];

/** Finds out what a server takes, by asking for it: nothing is taken for granted, and nothing is asked twice. */
export class Negotiation {
  readonly #api: ApiName;
  /** The user's own fields, which are not ours to try. */
  readonly #extra: Readonly<Record<string, unknown>>;
  readonly #try: Try;
  readonly #refused: Refusal[] = [];
  #asking: Asking;
  #obfuscates = false;

  constructor(api: ApiName, start: Asking, extra: Readonly<Record<string, unknown>>, attempt: Try) {
    this.#api = api;
    this.#extra = extra;
    this.#try = attempt;
    const may = asksOf(api);
    this.#asking = { ...start, asks: start.asks.filter((ask) => may.includes(ask)) };
  }

  /** What the run needs: withdraws what the server refuses, until it answers. */
  async basics(): Promise<Agreed> {
    const start = this.#asking;
    let trial = await this.#try(start, false);
    const first = trial.exchange;
    const guessed: (Ask | LimitName)[] = [];
    for (let trials = 1; isRefusal(trial.exchange) && trials < MOST_TRIALS; trials++) {
      const said = messageOf(trial.exchange);
      // A limit that is too low for a model to say anything is no limit that it refuses.
      const room = /higher|too (low|small)|output limit was reached/i.test(said);
      if (!room) {
        const left = this.#withdrawable();
        const named = left.find((what) => namesOf(what).test(said));
        const refused = named ?? left[0];
        if (refused === undefined) break;
        if (named === undefined) guessed.push(refused);
        this.#asking = this.#turned(refused);
        this.#refused.push({ what: refused, said });
      }
      trial = await this.#try(this.#asking, room);
    }
    this.#obfuscates = trial.facts.obfuscation;
    if (trial.exchange.outcome !== 'ok') {
      // None of them was what it refused.
      this.#asking = start;
      return { asking: start, refused: [], ignored: [], failed: first };
    }
    await this.#restore(guessed);
    return { asking: this.#asking, refused: this.#refused, ignored: [], failed: null };
  }

  /** A refusal that names nothing ends with the withdrawal that helped: what was withdrawn before may have been taken all along. */
  async #restore(guessed: readonly (Ask | LimitName)[]): Promise<void> {
    for (const what of guessed) {
      if (what === this.#refused.at(-1)?.what) continue;
      const asking = this.#turned(what);
      const { exchange } = await this.#try(asking, false);
      if (exchange.outcome !== 'ok') continue;
      this.#asking = asking;
      this.#refused.splice(
        this.#refused.findIndex((refusal) => refusal.what === what),
        1,
      );
    }
  }

  /** What makes a measurement finer: kept where an answer shows that it works. After `basics`. */
  async extras(): Promise<Agreed> {
    const refused: Refusal[] = [];
    const ignored: Ask[] = [];
    const wanted = this.#wanted();
    let kept: Ask[] = [];
    if (wanted.length > 0) {
      const all = await this.#try(this.#with(wanted), true);
      const working = await this.#judge(all, wanted, refused, ignored);
      kept = working;
    }
    this.#asking = this.#with(kept);
    return { asking: this.#asking, refused, ignored, failed: null };
  }

  async #judge(all: Trial, wanted: readonly Ask[], refused: Refusal[], ignored: Ask[]): Promise<Ask[]> {
    const kept: Ask[] = [];
    const weigh = ({ exchange, facts }: Trial, asks: readonly Ask[]): void => {
      if (exchange.outcome !== 'ok') return;
      for (const ask of asks) (works(ask, facts) ? kept : ignored).push(ask);
    };
    if (!isRefusal(all.exchange)) {
      weigh(all, wanted);
      return kept;
    }
    // One of them is refused, or more: each by itself.
    for (const ask of wanted) {
      const alone = wanted.length === 1 ? all : await this.#try(this.#with([ask]), true);
      if (isRefusal(alone.exchange)) refused.push({ what: ask, said: messageOf(alone.exchange) });
      else weigh(alone, [ask]);
    }
    return kept;
  }

  #wanted(): Ask[] {
    const may = asksOf(this.#api);
    const usable = (ask: Ask): boolean =>
      may.includes(ask) && !this.#asking.asks.includes(ask) && !isSettled(ask, this.#extra);
    // Usage in every event is asked for within the usage.
    const extras = EXTRAS.filter(
      (ask) => ask !== 'continuous_usage_stats' || this.#asking.asks.includes('include_usage'),
    );
    return [...extras, ...(this.#obfuscates ? (['include_obfuscation'] as const) : [])].filter(usable);
  }

  #with(asks: readonly Ask[]): Asking {
    return { ...this.#asking, asks: [...this.#asking.asks, ...asks] };
  }

  /** The same without it, or with it where it was withdrawn. */
  #turned(what: Ask | LimitName): Asking {
    const { asks, limit } = this.#asking;
    if (what === 'max_tokens' || what === 'max_completion_tokens')
      return { asks, limit: limit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens' };
    if (!asks.includes(what)) return { limit, asks: [...asks, what] };
    return { limit, asks: asks.filter((ask) => ask !== what) };
  }

  #withdrawable(): (Ask | LimitName)[] {
    const { asks, limit } = this.#asking;
    const settledLimit =
      !hasTwoLimits(this.#api) ||
      'max_tokens' in this.#extra ||
      'max_completion_tokens' in this.#extra ||
      this.#refused.some(({ what }) => what === 'max_tokens' || what === 'max_completion_tokens');
    const order: Ask[] = ['min_tokens', 'ignore_eos', 'include_usage'];
    return [
      ...order.filter((ask) => asks.includes(ask) && !isSettled(ask, this.#extra)),
      ...(settledLimit ? [] : [limit]),
    ];
  }
}

/** The server understood the request and will not have it so: 400, or 422 where fields are checked by a schema. */
function isRefusal({ outcome, status, error }: Exchange): boolean {
  if (outcome === 'http_error') return status === 400 || status === 422;
  // TGI refuses within a stream.
  return outcome === 'stream_error' && (error?.code === '400' || error?.code === '422');
}

const messageOf = ({ status, error }: Exchange): string => error?.message ?? `HTTP ${status}`;

function namesOf(what: Ask | LimitName): RegExp {
  switch (what) {
    case 'include_usage':
    case 'continuous_usage_stats':
    case 'include_obfuscation':
      return new RegExp(`stream_options|streamOptions|${what}`, 'i');
    case 'max_tokens':
      // `min_tokens` has an order with it: a message on both is on the former.
      return /\bmax_tokens/i;
    default:
      return new RegExp(String.raw`\b${what}`, 'i');
  }
}

function works(ask: Ask, facts: StreamFacts): boolean {
  switch (ask) {
    case 'continuous_usage_stats':
      return facts.continuousUsage;
    case 'return_token_ids':
      return facts.tokenIds;
    case 'include_obfuscation':
      return !facts.obfuscation;
    default:
      return facts.usage;
  }
}
