import type { ApiName } from './api/api.ts';
import type { OptionalField, RequestProfile, LimitName } from './api/request-profile.ts';
import { apiNamed } from './api/apis.ts';
import { isSetByUser } from './api/request-profile.ts';
import type { Exchange } from './client.ts';
import type { StreamFacts } from './observer.ts';

export interface Trial {
  exchange: Exchange;
  facts: StreamFacts;
}

/** Sends one small request. `needsRoom`: it may need more output tokens than the smallest limit of the API. */
export type SendTrial = (profile: RequestProfile, needsRoom: boolean) => Promise<Trial>;

export interface Refusal {
  what: OptionalField | LimitName;
  said: string;
}

export interface NegotiationResult {
  profile: RequestProfile;
  refused: Refusal[];
  /** Fields that were accepted but had no effect on the answer. */
  ignored: OptionalField[];
  /** The failed request, if no profile was accepted; else `null`. */
  failed: Exchange | null;
}

/** Limit for a server that rejects fields one at a time. */
const MAX_TRIALS = 6;

/** Fields that are kept only if the answer shows their effect. */
const VERIFIED_FIELDS: readonly OptionalField[] = ['continuous_usage_stats', 'return_token_ids'];

/** Determines by trial requests which optional fields a server accepts. */
export class Negotiation {
  readonly #api: ApiName;
  /** The user's own fields, which are never changed. */
  readonly #extra: Readonly<Record<string, unknown>>;
  readonly #try: SendTrial;
  readonly #refused: Refusal[] = [];
  #profile: RequestProfile;
  #hasObfuscation = false;

  constructor(
    api: ApiName,
    start: RequestProfile,
    extra: Readonly<Record<string, unknown>>,
    attempt: SendTrial,
  ) {
    this.#api = api;
    this.#extra = extra;
    this.#try = attempt;
    const supported = apiNamed(api).optionalFields;
    this.#profile = {
      ...start,
      optionalFields: start.optionalFields.filter((field) => supported.includes(field)),
    };
  }

  /** Withdraws fields until the server accepts the request. */
  async basics(): Promise<NegotiationResult> {
    const start = this.#profile;
    let trial = await this.#try(start, false);
    const first = trial.exchange;
    const guessed: (OptionalField | LimitName)[] = [];
    for (let trials = 1; isRefusal(trial.exchange) && trials < MAX_TRIALS; trials++) {
      const said = messageOf(trial.exchange);
      // If the limit is too low for the model to answer, the server does not reject the limit's name.
      const needsRoom = /higher|too (low|small)|output limit was reached/i.test(said);
      if (!needsRoom) {
        const left = this.#withdrawable();
        const named = left.find((what) => namesOf(what).test(said));
        const refused = named ?? left[0];
        if (refused === undefined) break;
        if (named === undefined) guessed.push(refused);
        this.#profile = this.#toggled(refused);
        this.#refused.push({ what: refused, said });
      }
      trial = await this.#try(this.#profile, needsRoom);
    }
    this.#hasObfuscation = trial.facts.obfuscation;
    if (trial.exchange.outcome !== 'ok') {
      this.#profile = start;
      return { profile: start, refused: [], ignored: [], failed: first };
    }
    await this.#restore(guessed);
    return { profile: this.#profile, refused: this.#refused, ignored: [], failed: null };
  }

  /**
   * Restores fields that were withdrawn although the server did not reject them. After a rejection without the name of a field, only the
   * last withdrawal is known to have helped.
   */
  async #restore(guessed: readonly (OptionalField | LimitName)[]): Promise<void> {
    for (const what of guessed) {
      if (what === this.#refused.at(-1)?.what) continue;
      const profile = this.#toggled(what);
      const { exchange } = await this.#try(profile, false);
      if (exchange.outcome !== 'ok') continue;
      this.#profile = profile;
      this.#refused.splice(
        this.#refused.findIndex((refusal) => refusal.what === what),
        1,
      );
    }
  }

  /** Adds the fields that make a measurement finer, if an answer shows their effect. Call it after `basics`. */
  async extras(): Promise<NegotiationResult> {
    const refused: Refusal[] = [];
    const ignored: OptionalField[] = [];
    const wanted = this.#wanted();
    let kept: OptionalField[] = [];
    if (wanted.length > 0) {
      const trial = await this.#try(this.#with(wanted), true);
      kept = await this.#effective(trial, wanted, refused, ignored);
    }
    this.#profile = this.#with(kept);
    return { profile: this.#profile, refused, ignored, failed: null };
  }

  async #effective(
    all: Trial,
    wanted: readonly OptionalField[],
    refused: Refusal[],
    ignored: OptionalField[],
  ): Promise<OptionalField[]> {
    const kept: OptionalField[] = [];
    const check = ({ exchange, facts }: Trial, fields: readonly OptionalField[]): void => {
      if (exchange.outcome !== 'ok') return;
      for (const field of fields) (hasEffect(field, facts) ? kept : ignored).push(field);
    };
    if (!isRefusal(all.exchange)) {
      check(all, wanted);
      return kept;
    }
    // At least one is rejected: try each separately.
    for (const field of wanted) {
      const alone = wanted.length === 1 ? all : await this.#try(this.#with([field]), true);
      if (isRefusal(alone.exchange)) refused.push({ what: field, said: messageOf(alone.exchange) });
      else check(alone, [field]);
    }
    return kept;
  }

  #wanted(): OptionalField[] {
    const supported = apiNamed(this.#api).optionalFields;
    const isMissing = (field: OptionalField): boolean =>
      supported.includes(field) &&
      !this.#profile.optionalFields.includes(field) &&
      !isSetByUser(field, this.#extra);
    // Continuous usage is an option of the usage.
    const extras = VERIFIED_FIELDS.filter(
      (field) => field !== 'continuous_usage_stats' || this.#profile.optionalFields.includes('include_usage'),
    );
    return [...extras, ...(this.#hasObfuscation ? (['include_obfuscation'] as const) : [])].filter(isMissing);
  }

  #with(fields: readonly OptionalField[]): RequestProfile {
    return { ...this.#profile, optionalFields: [...this.#profile.optionalFields, ...fields] };
  }

  /** Returns the profile without this field, or with it if it was withdrawn. Of the two limit names, returns the other one. */
  #toggled(what: OptionalField | LimitName): RequestProfile {
    const { optionalFields, limit } = this.#profile;
    if (what === 'max_tokens' || what === 'max_completion_tokens')
      return { optionalFields, limit: limit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens' };
    if (!optionalFields.includes(what)) return { limit, optionalFields: [...optionalFields, what] };
    return { limit, optionalFields: optionalFields.filter((field) => field !== what) };
  }

  #withdrawable(): (OptionalField | LimitName)[] {
    const { optionalFields, limit } = this.#profile;
    const isLimitFixed =
      !apiNamed(this.#api).hasTwoLimitNames ||
      'max_tokens' in this.#extra ||
      'max_completion_tokens' in this.#extra ||
      this.#refused.some(({ what }) => what === 'max_tokens' || what === 'max_completion_tokens');
    const order: OptionalField[] = ['min_tokens', 'ignore_eos', 'include_usage'];
    return [
      ...order.filter((field) => optionalFields.includes(field) && !isSetByUser(field, this.#extra)),
      ...(isLimitFixed ? [] : [limit]),
    ];
  }
}

/** Returns true if the server rejected a field: status 400, or 422 from servers that validate against a schema. */
function isRefusal({ outcome, status, error }: Exchange): boolean {
  if (outcome === 'http_error') return status === 400 || status === 422;
  // TGI reports the rejection in a stream.
  return outcome === 'stream_error' && (error?.code === '400' || error?.code === '422');
}

const messageOf = ({ status, error }: Exchange): string => error?.message ?? `HTTP ${status}`;

function namesOf(what: OptionalField | LimitName): RegExp {
  switch (what) {
    case 'include_usage':
    case 'continuous_usage_stats':
    case 'include_obfuscation':
      return new RegExp(`stream_options|streamOptions|${what}`, 'i');
    case 'max_tokens':
      // A message that compares `min_tokens` with it is about `min_tokens`.
      return /\bmax_tokens/i;
    default:
      return new RegExp(String.raw`\b${what}`, 'i');
  }
}

function hasEffect(field: OptionalField, facts: StreamFacts): boolean {
  switch (field) {
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
