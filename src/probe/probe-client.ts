import type { Api, ApiName } from '../client/api/api.ts';
import { apiNamed } from '../client/api/apis.ts';
import type { RequestProfile } from '../client/api/request-profile.ts';
import type { Client, ClientOptions, Exchange } from '../client/client.ts';
import type { Trial } from '../client/negotiation.ts';
import { StreamFacts } from '../client/observer.ts';
import { openClient } from '../client/open-client.ts';
import type { Milliseconds } from '../units.ts';
import type { DateSeen } from './clock-offset.ts';
import { type Limited, limitIn } from './limit-effect.ts';

export interface Question {
  text: string;
  maxTokens: number;
  profile: RequestProfile;
}

/** Sends small requests over one API, one after another, and records all of them. */
export class ProbeClient {
  readonly exchanges: Exchange[] = [];
  /** Responses to requests with a limit of output tokens. */
  readonly limited: Limited[] = [];
  readonly #client: Client;
  readonly #api: Api;
  readonly #model: string;
  readonly #extra: Readonly<Record<string, unknown>>;
  readonly #limitMs: Milliseconds;
  #facts = new StreamFacts();

  constructor(
    to: Pick<ClientOptions, 'url' | 'route' | 'apiKey' | 'headers' | 'body' | 'secrets' | 'timeouts'>,
    api: ApiName,
    own: { model: string; body: Readonly<Record<string, unknown>>; limitMs: Milliseconds },
  ) {
    this.#api = apiNamed(api);
    this.#model = own.model;
    this.#extra = own.body;
    this.#limitMs = own.limitMs;
    this.#client = openClient({
      ...to,
      api,
      keepText: false,
      observe: (payload, reading) => this.#facts.observe(payload, reading),
      now: () => epochMs() * 1000,
    });
  }

  get minTokenLimit(): number {
    return this.#api.minTokenLimit;
  }

  async ask({ text, maxTokens, profile }: Question): Promise<Trial> {
    const facts = (this.#facts = new StreamFacts());
    const body = this.#api.body({
      model: this.#model,
      prompt: { kind: 'text', text },
      maxTokens: Math.max(maxTokens, this.#api.minTokenLimit),
      profile,
      extra: this.#extra,
    });
    const flight = this.#client.send(new TextEncoder().encode(JSON.stringify(body)));
    const late = setTimeout(() => flight.abort(`no end within ${this.#limitMs / 1000} s`), this.#limitMs);
    const exchange = await flight.done;
    clearTimeout(late);
    this.exchanges.push(exchange);
    const limit = limitIn(body);
    if (limit !== null) this.limited.push({ ...limit, exchange, profile });
    return { exchange, facts };
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** Returns milliseconds since 1970 that never go back. */
const epochMs = (): Milliseconds => performance.timeOrigin + performance.now();

/** Returns the `date` headers of the responses. */
export function datesOf(exchanges: readonly Exchange[]): DateSeen[] {
  return exchanges.flatMap(({ headers, sent_us, headers_us }) =>
    headers['date'] === undefined || sent_us === null || headers_us === null
      ? []
      : [{ date: headers['date'], sent_ms: sent_us / 1000, came_ms: headers_us / 1000 }],
  );
}
