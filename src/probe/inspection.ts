import type { ApiName } from '../client/api/api.ts';
import { apiNamed } from '../client/api/apis.ts';
import { type RequestProfile, DEFAULT_PROFILE } from '../client/api/request-profile.ts';
import type { Exchange } from '../client/client.ts';
import { listModels } from '../client/model-list.ts';
import { type NegotiationResult, Negotiation, type Trial } from '../client/negotiation.ts';
import { type ConnectionFacts, checkConnection } from '../client/connection/connection-check.ts';
import type { Route } from '../client/connection/network-route.ts';
import { redactJson, redactor } from '../client/connection/secret-redactor.ts';
import { providerNamed } from '../scenario/keys/providers.ts';
import type { Endpoint } from '../scenario/keys/scenario.ts';
import { synthesize } from '../workload/synthetic.ts';
import { ProbeClient, datesOf } from './probe-client.ts';
import { clockOffset } from './clock-offset.ts';
import { recognise } from './recognise-server.ts';
import { disproved, limitEffect } from './limit-effect.ts';
import { optionsFound } from './option-states.ts';
import { ALL_APIS, type EndpointProfile, type PrefixCache } from './endpoint-profile.ts';
import { type Pair, PAIRS, prefixCache } from './prefix-cache.ts';
import { answerOf, failureOf, shownUrl, unreachable } from './probe-failures.ts';
import { streamingOf, tokensPerEvent } from './streaming.ts';

/** Timeout of each request. */
const LIMIT_MS = 30_000;
const CONNECTIONS = 3;
/** Enough for a dozen events with several tokens each. */
const STREAMED_TOKENS = 64;
const STREAMED_PROMPT = 'Count from one to one hundred in words, separated by commas. Begin at once.';
/** Words of a small request's prompt. */
const FEW = 32;
/**
 * OpenAI caches prompts from 1,024 tokens on, and a word is about one token. The others are for shorter contexts
 * and slower servers.
 */
const PREFIX_WORDS = [1500, 400, 100];

/** The first request profile, with fields that only self-hosted servers accept. */
const ALL: RequestProfile = {
  ...DEFAULT_PROFILE,
  optionalFields: ['include_usage', 'ignore_eos', 'min_tokens'],
};

export interface Inspected {
  endpoint: Endpoint;
  url: string;
  /** Route to the endpoint. */
  route: Route;
  /** Seed of the prompts: two probes with the same prompts would share a cache. */
  seed: number;
  say(text: string): void;
}

/**
 * Finds out what an endpoint is, with few small requests, one after another.
 * @throws {GoodputError} kind `endpoint` if no connection can be opened
 */
export class Inspection {
  readonly #given: Inspected;
  readonly #redact: (text: string) => string;
  readonly #exchanges: Exchange[] = [];
  readonly #seen = Object.create(null) as Record<string, unknown>;
  readonly #choice = Object.create(null) as Record<string, unknown>;
  #prompts = 0;

  constructor(given: Inspected) {
    this.#given = given;
    const { endpoint, url, route } = given;
    this.#redact = redactor({ ...endpoint, route, query: new URL(url).searchParams });
  }

  async carryOut(): Promise<EndpointProfile> {
    const began = performance.now();
    const { endpoint, url, route, say } = this.#given;
    say('connecting');
    const connection = await this.#connect();
    const list = await listModels({ ...endpoint, url, route }, LIMIT_MS);
    const model = endpoint.model ?? list.first ?? 'default';
    const client = this.#client(endpoint.api, model);
    try {
      say('finding out which fields it takes');
      const found = await this.#negotiate(client, endpoint.api);
      const { failed } = found.rounds[0]!;
      const { profile: requestProfile } = found.rounds.at(-1)!;
      say('looking at a stream');
      const stream = failed === null ? await this.#stream(client, requestProfile) : null;
      const facts = stream?.facts ?? null;
      say('sending prompts again');
      const prefix_cache = stream === null ? null : await this.#prefixCache(client, requestProfile);
      say('trying the other APIs');
      const apis = await this.#apis(model, failed, found.first);
      const last = stream?.exchange ?? null;
      const answered = last?.outcome === 'ok' ? last : null;
      const profile: EndpointProfile = {
        schemaVersion: 1,
        endpoint: { url: shownUrl(url), api: endpoint.api, model, simulated: endpoint.simulated },
        server: recognise({
          host: new URL(url).hostname,
          owners: list.owners,
          headers: this.#headers(list.server),
          seen: this.#seen,
          choice: this.#choice,
        }),
        models: { ids: list.models, context: list.context, problem: list.problem },
        apis,
        connection: this.#connectionUsed(connection),
        clock: clockOffset(datesOf(this.#exchanges)),
        streaming: answered === null ? null : streamingOf(answered),
        tokens: answered === null ? null : tokensPerEvent(answered),
        options:
          facts === null
            ? {}
            : optionsFound(endpoint.api, endpoint.body, found.rounds, facts, disproved(client.limited)),
        limit_effect: limitEffect(client.limited),
        limit: failed === null && apiNamed(endpoint.api).hasTwoLimitNames ? requestProfile.limit : null,
        refused: Object.fromEntries(
          found.rounds.flatMap(({ refused }) => refused.map(({ what, said }) => [what, said])),
        ),
        prefix_cache,
        failed: failureOf(failed ?? (answered === null ? last : null)),
        cost: this.#cost(performance.now() - began),
      };
      // A server may repeat the key that it was sent, in any text.
      return redactJson(profile, this.#redact);
    } finally {
      await client.close();
    }
  }

  async #connect(): Promise<EndpointProfile['connection']> {
    const { url, route, endpoint } = this.#given;
    const connections: ConnectionFacts[] = [];
    for (let k = 0; k < CONNECTIONS; k++) {
      // HTTP/2 is offered once, to see whether it would be taken: the requests are sent by HTTP/1.1.
      const offer = k === 0 ? (['h2', 'http/1.1'] as const) : (['http/1.1'] as const);
      const { reached, failure } = await checkConnection(url, route, offer, endpoint.timeouts.connect);
      if (reached !== null) connections.push(reached);
      else if (k === 0) throw unreachable(this.#redact(failure.error.message), failure.outcome);
    }
    const [first] = connections as [ConnectionFacts];
    const last = connections.at(-1)!;
    const answers = connections.map(({ answer_ms }) => answer_ms).filter((ms) => ms !== null);
    return {
      ip: last.ip,
      http: last.http,
      http2: first.tls === null ? null : first.tls.alpn === 'h2',
      tls: last.tls,
      dns_ms: first.dns_ms,
      connect_ms: Math.min(...connections.map(({ connect_ms }) => connect_ms)),
      answer_ms: answers.length === 0 ? null : Math.min(...answers),
      attempts: connections.length,
    };
  }

  async #negotiate(
    client: ProbeClient,
    api: ApiName,
  ): Promise<{ rounds: NegotiationResult[]; first: Exchange | null }> {
    let first: Exchange | null = null;
    const { limit } = providerNamed(this.#given.endpoint.provider) ?? DEFAULT_PROFILE;
    const negotiation = new Negotiation(
      api,
      { ...ALL, limit },
      this.#given.endpoint.body,
      async (profile, room) => {
        const trial = await this.#ask(client, this.#prompt(FEW), profile, room ? 16 : client.minTokenLimit);
        first ??= trial.exchange;
        return trial;
      },
    );
    const basics = await negotiation.basics();
    const rounds = basics.failed === null ? [basics, await negotiation.extras()] : [basics];
    return { rounds, first };
  }

  #stream(client: ProbeClient, profile: RequestProfile): Promise<Trial> {
    // No minimum: with `ignore_eos` some servers continue after the end of the model's answer.
    const optionalFields = profile.optionalFields.filter((ask) => ask !== 'min_tokens');
    return this.#ask(client, STREAMED_PROMPT, { ...profile, optionalFields }, STREAMED_TOKENS);
  }

  async #prefixCache(client: ProbeClient, profile: RequestProfile): Promise<PrefixCache | null> {
    for (const words of PREFIX_WORDS) {
      const pairs: Pair[] = [];
      while (pairs.length < PAIRS) {
        const text = this.#prompt(words);
        const { exchange: first } = await this.#ask(client, text, profile, 1);
        // Too long for the context of the model, or for the timeout.
        if (first.outcome !== 'ok') break;
        const { exchange: again } = await this.#ask(client, text, profile, 1);
        pairs.push({ first, again });
      }
      const found = pairs.length === PAIRS ? prefixCache(words, pairs) : null;
      if (found !== null) return found;
    }
    return null;
  }

  /** Returns the result of each API: that of the endpoint is known, each other gets one request. */
  async #apis(
    model: string,
    failed: Exchange | null,
    first: Exchange | null,
  ): Promise<EndpointProfile['apis']> {
    const { api } = this.#given.endpoint;
    const answers: EndpointProfile['apis'] = {};
    for (const name of ALL_APIS) {
      if (name === api) {
        answers[name] = failed === null ? { spoken: true, status: 200, said: null } : answerOf(failed);
        continue;
      }
      // A server that rejects the key or does not respond does so for the other APIs too.
      if (first !== null && (first.status === null || first.status === 401 || first.status === 403)) continue;
      const client = this.#client(name, model);
      try {
        const plain: RequestProfile = { ...DEFAULT_PROFILE, optionalFields: [] };
        const { exchange } = await this.#ask(client, this.#prompt(FEW), plain, client.minTokenLimit);
        answers[name] = answerOf(exchange);
      } finally {
        await client.close();
      }
    }
    return answers;
  }

  #client(api: ApiName, model: string): ProbeClient {
    const { endpoint, url, route } = this.#given;
    return new ProbeClient({ ...endpoint, url, route }, api, {
      model,
      // The user's fields belong to the API that they were written for.
      body: api === endpoint.api ? endpoint.body : {},
      limitMs: LIMIT_MS,
    });
  }

  async #ask(client: ProbeClient, text: string, profile: RequestProfile, maxTokens: number): Promise<Trial> {
    const trial = await client.ask({ text, profile, maxTokens });
    this.#exchanges.push(trial.exchange);
    Object.assign(this.#seen, trial.facts.seen);
    Object.assign(this.#choice, trial.facts.choice);
    return trial;
  }

  #prompt(words: number): string {
    return synthesize({ seed: this.#given.seed, i: this.#prompts++, length: words });
  }

  /** Returns the connection with the version of HTTP of the requests, if it differs from that of the first connections. */
  #connectionUsed(connection: EndpointProfile['connection']): EndpointProfile['connection'] {
    if (this.#exchanges.some(({ http, status }) => http === '2' && status !== null))
      return { ...connection, http: '2', http2: true };
    const { tls, http } = connection;
    const isOld = tls === null && this.#given.route.http2 && http !== null;
    return isOld ? { ...connection, http2: false } : connection;
  }

  #headers(server: string | null): Record<string, string> {
    const all = Object.assign({}, ...this.#exchanges.map(({ headers }) => headers)) as Record<string, string>;
    return server === null ? all : { ...all, server };
  }

  #cost(took_ms: number): EndpointProfile['cost'] {
    const sum = (key: 'input_tokens' | 'output_tokens'): number | null => {
      const counts = this.#exchanges
        .filter(({ tokens_from }) => tokens_from !== 'events')
        .map((exchange) => exchange[key])
        .filter((count) => count !== null);
      return counts.length === 0 ? null : counts.reduce((total, count) => total + count, 0);
    };
    return {
      requests: this.#exchanges.length,
      input_tokens: sum('input_tokens'),
      output_tokens: sum('output_tokens'),
      took_s: Math.round(took_ms) / 1000,
    };
  }
}
