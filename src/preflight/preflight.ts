import type { Api } from '../client/api/api.ts';
import { apiNamed } from '../client/api/apis.ts';
import { type RequestProfile, DEFAULT_PROFILE } from '../client/api/request-profile.ts';
import type { Client, ClientOptions, Exchange } from '../client/client.ts';
import { type NegotiationResult, Negotiation, type Trial } from '../client/negotiation.ts';
import { StreamFacts } from '../client/observer.ts';
import { openClient } from '../client/open-client.ts';
import type { PreflightResult } from '../record/header.ts';
import { providerNamed } from '../scenario/keys/providers.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import {
  addedTokens,
  type Calibration,
  calibrate,
  type CalibrationPoint,
  type CalibrationPrompt,
  calibrationPrompts,
  type CountedPrompt,
  UNCALIBRATED,
} from '../workload/calibration.ts';
import { tokensIn, type WordTokens } from '../workload/word-tokens.ts';
import { failureText } from './unusable-endpoint.ts';

/** The limit on the total time of a preflight request. */
const PREFLIGHT_TIMEOUT_MS = 30_000;

/** Output tokens of a request that shows what its events carry: several, so that one event is neither the first nor the last. */
const SEVERAL_TOKENS = 16;

/** The longest quotation of a server's refusal in a note. */
const LONGEST_QUOTE = 160;

/** How the requests of a run are written: the words of their prompts per token, and the optional fields of their bodies. */
export interface RequestShape {
  calibration: Calibration;
  profile: RequestProfile;
}

export interface PreflightOutcome extends RequestShape {
  /** For `run.json`. */
  result: PreflightResult;
  /** Sentences for the report. */
  notes: string[];
  /** The request that failed; `null`: none did. */
  failed: Exchange | null;
}

/** Returns the profile of requests for which nothing was found out first: for a known provider, the fields that it accepts. */
export function profileOf({ workload, endpoint }: Pick<Scenario, 'workload' | 'endpoint'>): RequestProfile {
  const { optionalFields, limit } = providerNamed(endpoint.provider) ?? DEFAULT_PROFILE;
  return {
    limit,
    optionalFields: workload.exactOutput ? [...optionalFields, 'ignore_eos', 'min_tokens'] : optionalFields,
  };
}

/** Returns the profile of the first preflight request. Fields that only refine a measurement are tried later. */
function firstProfile(scenario: Scenario): RequestProfile {
  const { limit, optionalFields } = profileOf(scenario);
  return {
    limit,
    optionalFields: optionalFields.filter(
      (ask) => ask !== 'continuous_usage_stats' && ask !== 'return_token_ids',
    ),
  };
}

/**
 * The requests that a run sends before it measures. They find out which optional fields the server accepts (`client/negotiation.ts`),
 * how many of its tokens a word of a synthetic prompt is, and how many tokens its chat template adds: two prompts of different
 * length, few output tokens, and the server's own count of input tokens. Texts from data sets need no calibration.
 */
export class Preflight {
  readonly #scenario: Scenario;
  readonly #model: string;
  readonly #api: Api;
  readonly #client: Client;
  /** True if texts of requests are generated. */
  readonly #isCalibrating: boolean;
  /** Tokens of each word by the scenario's tokenizer; `null` without one. */
  readonly #wordTokens: WordTokens | null;
  readonly #points: (CalibrationPoint & CountedPrompt)[] = [];
  #facts = new StreamFacts();
  #requests = 0;

  constructor(
    client: Omit<ClientOptions, 'observe' | 'keepText' | 'api'>,
    scenario: Scenario,
    model: string,
    { wordTokens, isGenerated }: { wordTokens: WordTokens | null; isGenerated: boolean },
  ) {
    const { api } = scenario.endpoint;
    this.#wordTokens = wordTokens;
    this.#isCalibrating = isGenerated;
    this.#scenario = scenario;
    this.#model = model;
    this.#api = apiNamed(api);
    this.#client = openClient({
      ...client,
      api,
      secrets: scenario.endpoint.secrets,
      keepText: false,
      observe: (payload, reading) => this.#facts.observe(payload, reading),
    });
  }

  async carryOut(): Promise<PreflightOutcome> {
    const { endpoint, seed } = this.#scenario;
    const [short, long] = calibrationPrompts(seed) as [CalibrationPrompt, CalibrationPrompt];
    let prompt = short;
    const negotiation = new Negotiation(
      endpoint.api,
      firstProfile(this.#scenario),
      endpoint.body,
      (profile, room) => this.#send(prompt, profile, room),
    );
    const basics = await negotiation.basics();
    if (basics.failed !== null) return this.#resultOf([basics], basics.failed);
    prompt = long;
    const extras = await negotiation.extras();
    let failed: Exchange | null = null;
    if (this.#isCalibrating && !this.#points.some(({ words }) => words === long.words)) {
      const { exchange } = await this.#send(long, extras.profile, false);
      if (exchange.outcome !== 'ok') failed = exchange;
    }
    return this.#resultOf([basics, extras], failed);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #send({ words, text }: CalibrationPrompt, profile: RequestProfile, room: boolean): Promise<Trial> {
    const facts = (this.#facts = new StreamFacts());
    const body = this.#api.body({
      model: this.#model,
      prompt: { kind: 'text', text },
      maxTokens: room ? Math.max(SEVERAL_TOKENS, this.#api.minTokenLimit) : this.#api.minTokenLimit,
      profile,
      extra: this.#scenario.endpoint.body,
    });
    const flight = this.#client.send(new TextEncoder().encode(JSON.stringify(body)));
    const limit = setTimeout(() => flight.abort('the preflight request took too long'), PREFLIGHT_TIMEOUT_MS);
    const exchange = await flight.done;
    clearTimeout(limit);
    this.#requests++;
    if (exchange.outcome === 'ok' && !this.#points.some((point) => point.words === words))
      this.#points.push({ words, text, promptTokens: exchange.input_tokens ?? Number.NaN });
    return { exchange, facts };
  }

  /** @param agreed results of the negotiation rounds; the last one is used */
  #resultOf(agreed: readonly NegotiationResult[], failed: Exchange | null): PreflightOutcome {
    const { profile } = agreed.at(-1)!;
    const refused = agreed.flatMap((round) => round.refused);
    const calibration = failed === null && this.#isCalibrating ? this.#calibration() : null;
    const isComplete = calibration !== null || (failed === null && !this.#isCalibrating);
    const note = isComplete ? null : this.#incompleteNote(failed);
    return {
      calibration: calibration ?? uncalibrated(this.#wordTokens),
      profile,
      result: {
        tokens_per_word: calibration?.tokensPerWord ?? null,
        overhead_tokens: calibration?.overheadTokens ?? null,
        note,
        requests: this.#requests,
        asked: [...profile.optionalFields],
        limit: this.#api.hasTwoLimitNames ? profile.limit : null,
        refused: Object.fromEntries(refused.map(({ what, said }) => [what, said])),
        ignored: agreed.flatMap((round) => round.ignored),
      },
      notes: [...refusalNotes(agreed[0]!), ...(note === null ? [] : [note])],
      failed,
    };
  }

  /** Returns how the server counts prompts; `null` if that is unknown, or if it does not count as the scenario's tokenizer does. */
  #calibration(): Calibration | null {
    const line = calibrate(this.#points);
    if (this.#wordTokens === null) return line;
    const overheadTokens = addedTokens(this.#points, this.#wordTokens);
    if (overheadTokens === null) return null;
    return { tokensPerWord: line?.tokensPerWord ?? 1, overheadTokens, wordTokens: this.#wordTokens };
  }

  /** Returns what the preflight did not find out, and why. */
  #incompleteNote(failed: Exchange | null): string {
    const why =
      failed !== null
        ? `the preflight request failed (${failureText(failed)})`
        : this.#points.some(({ promptTokens }) => Number.isNaN(promptTokens))
          ? 'the server reports no input tokens'
          : `its input token counts do not fit a line (${this.#points.map(({ words, promptTokens }) => `${promptTokens} for ${words} words`).join(', ')})`;
    if (this.#isCalibrating && this.#wordTokens !== null) return this.#tokenizerNote(this.#wordTokens, why);
    return this.#isCalibrating
      ? `Prompt lengths are not calibrated to this server's tokenizer: ${why}; one word counts as one token.`
      : `The fields that this server accepts are unknown: ${why}.`;
  }

  #tokenizerNote(wordTokens: WordTokens, why: string): string {
    const file = this.#scenario.run.tokenizer!;
    const exact = `Prompts have exactly the planned tokens by ${file}`;
    if (this.#points.length < 2 || this.#points.some(({ promptTokens }) => Number.isNaN(promptTokens)))
      return `${exact}, without the tokens that the server's chat template adds, which are unknown: ${why}.`;
    const counts = this.#points.map(
      ({ text, promptTokens }) => `${promptTokens} where it has ${tokensIn(text, wordTokens)}`,
    );
    return `${exact}, but the server counts differently (${counts.join(', and ')} tokens): is it the tokenizer of this model?`;
  }
}

/** Returns the calibration to a server whose counts are unknown. */
export const uncalibrated = (wordTokens: WordTokens | null): Calibration =>
  wordTokens === null ? UNCALIBRATED : { ...UNCALIBRATED, wordTokens };

/** Returns a note for each field that the run omits because the server refused it. Refused refinements are in `run.json` only. */
function refusalNotes({ refused, profile }: NegotiationResult): string[] {
  return refused.map(({ what, said }) => {
    const quote = said.length > LONGEST_QUOTE ? `${said.slice(0, LONGEST_QUOTE)}…` : said;
    switch (what) {
      case 'include_usage':
        return `The server refused stream_options.include_usage (${quote}): the run does not request usage.`;
      case 'ignore_eos':
      case 'min_tokens':
        return `The server refused ${what} (${quote}): responses may be shorter than --exact-output requests.`;
      default:
        return `The server refused ${what} (${quote}): the run sends ${profile.limit} instead.`;
    }
  });
}
