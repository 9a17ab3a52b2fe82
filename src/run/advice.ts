import type { Sample } from '../sample.ts';
import type { Api } from '../scenario/scenario.ts';

/** Recognises the ways of pointing goodput at the wrong thing, and says the way out. */
export class Advice {
  readonly #url: string;
  readonly #api: Api;
  #ended = 0;
  readonly #counts = new Map<string, number>();

  constructor(url: string, api: Api) {
    this.#url = url;
    this.#api = api;
  }

  add(samples: readonly Sample[]): void {
    for (const { outcome, status } of samples) {
      this.#ended++;
      const key = outcome === 'http_error' ? `http ${status}` : outcome;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  /** Whole sentences, only for what befell most requests. */
  notes(): string[] {
    const most = (key: string): boolean => (this.#counts.get(key) ?? 0) * 2 > this.#ended;
    const notes: string[] = [];
    if (most('http 404')) {
      const path = new URL(this.#url).pathname;
      notes.push(
        /\/v\d+[a-z]*\/?$/.test(path)
          ? 'Most requests got HTTP 404: the base URL, the API or the model name is not known to this server.'
          : `Most requests got HTTP 404: the base URL may lack its /v1 (${this.#base()}/v1).`,
      );
    }
    if (most('http 401') || most('http 403')) {
      notes.push(
        'Most requests were refused as not authorised: --api-key-env NAME (or GOODPUT_API_KEY) gives the key.',
      );
      if (this.#api === 'messages') {
        notes.push(
          'With the messages API the key goes as x-api-key; a server that wants a bearer token gets it from endpoint.headers in the scenario, authorization: "Bearer ${NAME}".',
        );
      }
    }
    if (most('connect'))
      notes.push(`Most requests found no connection: is the server listening at ${this.#base()}?`);
    if (most('dns')) notes.push('Most requests could not resolve the host name: check --url.');
    if (most('tls'))
      notes.push(
        'Most requests failed in the TLS handshake: check the scheme (http or https) and the certificate.',
      );
    if (most('protocol_error')) {
      notes.push(
        'Most answers were no event stream: the base URL may belong to a web page or to a server that does not stream.',
      );
    }
    return notes;
  }

  #base(): string {
    const { origin, pathname } = new URL(this.#url);
    return origin + pathname.replace(/\/$/, '');
  }
}
