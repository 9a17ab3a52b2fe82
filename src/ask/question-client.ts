import { setTimeout as delay } from 'node:timers/promises';
import { apiNamed } from '../client/api/apis.ts';
import { DEFAULT_PROFILE, type RequestProfile } from '../client/api/request-profile.ts';
import type { Client, Exchange } from '../client/client.ts';
import type { Route } from '../client/connection/network-route.ts';
import { listModels } from '../client/model-list.ts';
import { Negotiation } from '../client/negotiation.ts';
import { StreamFacts } from '../client/observer.ts';
import { openClient } from '../client/open-client.ts';
import { GoodputError, type Result } from '../errors.ts';
import { CERTAIN, endpointOf, failureText, fixFor, unusableCause } from '../preflight/unusable-endpoint.ts';
import { isOverload } from '../sample.ts';
import { providerNamed } from '../scenario/keys/providers.ts';
import type { Endpoint } from '../scenario/keys/scenario.ts';
import type { Milliseconds } from '../units.ts';

/** A text for an endpoint, as one message of the user. */
export interface Question {
  text: string;
  /** The limit of output tokens. */
  maxTokens: number;
}

export interface ReceivedAnswer {
  /** Without reasoning. */
  text: string;
  /** Why the answer ended, as the server says it; `length` at the limit of output tokens. */
  finish: string | null;
  /** Tokens as the server counted them. */
  input_tokens: number | null;
  output_tokens: number | null;
}

/** An endpoint to ask, with its URL and the route to it. */
export interface AskedEndpoint {
  endpoint: Endpoint;
  url: string;
  route: Route;
  /** Waits before a question is sent again; replaced in tests. */
  wait?: (ms: Milliseconds, signal: AbortSignal) => Promise<void>;
}

/** Transient failures of one question, after which the endpoint counts as failed. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS: Milliseconds = 1000;
const LONGEST_WAIT_MS: Milliseconds = 60_000;
const MODELS_TIMEOUT_MS: Milliseconds = 5000;
const TRIAL: Question = { text: 'Answer with the word yes.', maxTokens: 16 };

/** Statuses that refuse one question: its fields, or its length. */
const REFUSED: readonly unknown[] = [400, 413, 422];

/**
 * Asks an endpoint questions, each by one request. A question that fails because of load or for a reason that may pass (5xx, a timeout, a
 * broken stream) is sent again, with growing pauses, or after the time that the server names.
 */
export class QuestionClient {
  /** The model that answers. */
  readonly model: string;
  readonly #given: AskedEndpoint;
  readonly #client: Client;
  readonly #closed = new AbortController();
  #profile: RequestProfile = { ...DEFAULT_PROFILE, optionalFields: [] };

  private constructor(given: AskedEndpoint, model: string) {
    this.#given = given;
    this.model = model;
    this.#client = openClient({
      ...given.endpoint,
      url: given.url,
      route: given.route,
      keepText: true,
      now: () => (performance.timeOrigin + performance.now()) * 1000,
    });
  }

  /**
   * Finds out the model, and by a short question which fields the endpoint accepts.
   * @throws {GoodputError} kind `endpoint` if it does not answer
   */
  static async open(given: AskedEndpoint): Promise<QuestionClient> {
    const { endpoint, url, route } = given;
    const model =
      endpoint.model ?? (await listModels({ ...endpoint, url, route }, MODELS_TIMEOUT_MS)).first ?? 'default';
    const client = new QuestionClient(given, model);
    try {
      await client.#negotiate();
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /**
   * Asks one question.
   * @returns the answer, or why the server refuses this question
   * @throws {GoodputError} kind `endpoint` if the endpoint fails, or the client was closed
   */
  async ask(question: Question): Promise<Result<ReceivedAnswer>> {
    const exchange = await this.#send(question, this.#profile);
    const { outcome, status, finish, input_tokens, output_tokens, text = '' } = exchange;
    if (outcome === 'ok') return { ok: true, value: { text, finish, input_tokens, output_tokens } };
    if (outcome === 'http_error' && REFUSED.includes(status))
      return { ok: false, problem: failureText(exchange) };
    throw this.#failure('the endpoint failed', exchange);
  }

  /** Closes every connection; questions in flight fail. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#client.close();
  }

  async #negotiate(): Promise<void> {
    const { endpoint } = this.#given;
    const { limit } = providerNamed(endpoint.provider) ?? DEFAULT_PROFILE;
    const start: RequestProfile = { limit, optionalFields: ['include_usage'] };
    const negotiation = new Negotiation(endpoint.api, start, endpoint.body, async (profile) => ({
      exchange: await this.#send(TRIAL, profile),
      facts: new StreamFacts(),
    }));
    const { profile, failed } = await negotiation.basics();
    if (failed !== null) throw this.#failure('the endpoint does not answer a plain request', failed);
    this.#profile = profile;
  }

  /** Sends a question until it is answered, or fails for good. */
  async #send({ text, maxTokens }: Question, profile: RequestProfile): Promise<Exchange> {
    const { endpoint, url, wait = waitUnlessClosed } = this.#given;
    const api = apiNamed(endpoint.api);
    const body = api.body({
      model: this.model,
      prompt: { kind: 'text', text },
      maxTokens: Math.max(maxTokens, api.minTokenLimit),
      profile,
      extra: endpoint.body,
    });
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    for (let attempt = 1; ; attempt++) {
      const exchange = await this.#client.send(bytes).done;
      if (attempt === ATTEMPTS || !mayPass(exchange, url)) return exchange;
      const asked = exchange.error?.retry_after_ms ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      await wait(Math.min(asked, LONGEST_WAIT_MS), this.#closed.signal);
    }
  }

  #failure(what: string, exchange: Exchange): GoodputError {
    const { endpoint, url } = this.#given;
    const cause = unusableCause(exchange, url);
    const hint = cause === null ? null : fixFor(cause, endpointOf({ endpoint }, url));
    // The commands that ask have --endpoint in place of --url.
    const options = hint === null ? {} : { hint: hint.replaceAll('--url', '--endpoint') };
    return new GoodputError('endpoint', `${what}: ${failureText(exchange)}`, options);
  }
}

const waitUnlessClosed = (ms: Milliseconds, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal });

/** Returns true if the same request may succeed later. */
function mayPass(exchange: Exchange, url: string): boolean {
  const { outcome, status } = exchange;
  if (outcome === 'ok' || outcome === 'aborted') return false;
  if (isOverload(exchange)) return true;
  const cause = unusableCause(exchange, url);
  if (cause !== null && CERTAIN.has(cause)) return false;
  return outcome !== 'http_error' || (status ?? 0) >= 500;
}
