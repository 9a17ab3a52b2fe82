import { type LocalLimit, localLimit, type Sample } from '../sample.ts';
import type { Api } from '../scenario/scenario.ts';

/**
 * What the limits of this machine are, and the way out of each; they read on from the number of requests. Node raises its soft
 * limit on descriptors to the hard one when it starts, so a plain `ulimit -n` helps nobody.
 */
const LOCAL: Record<LocalLimit, string> = {
  EMFILE:
    'found no file descriptor left in this process (EMFILE). Every connection is one, and goodput has all that the hard limit (`ulimit -Hn`) allows: `sudo prlimit --pid $$ --nofile=65536` in the shell that starts goodput raises it, for a container `docker run --ulimit nofile=65536`',
  ENFILE:
    'found no file descriptor left in this system (ENFILE): `sysctl fs.file-max` raises the limit, or other programs must close theirs',
  EADDRNOTAVAIL:
    'found no local port free for the endpoint’s address (EADDRNOTAVAIL). A closed connection keeps its port for a minute; `sysctl net.ipv4.ip_local_port_range="1024 65535"` gives more, and so do a server that keeps its connections open and a second address or machine',
  ENOBUFS: 'found no memory left for a socket (ENOBUFS): have fewer requests in flight',
  ENOMEM: 'found no memory left for a socket (ENOMEM): have fewer requests in flight',
};

/** What Node's HTTP/2 says where the other side speaks something else. */
const HTTP2 = 'ERR_HTTP2_ERROR';

/** Recognises the ways of pointing goodput at the wrong thing, and says the way out. */
export class Advice {
  readonly #url: string;
  readonly #api: Api;
  #ended = 0;
  readonly #counts = new Map<string, number>();
  readonly #local = new Map<LocalLimit, number>();

  constructor(url: string, api: Api) {
    this.#url = url;
    this.#api = api;
  }

  add(samples: readonly Sample[]): void {
    for (const sample of samples) {
      this.#ended++;
      const limit = localLimit(sample);
      if (limit !== null) {
        this.#local.set(limit, (this.#local.get(limit) ?? 0) + 1);
        continue;
      }
      const { outcome, status } = sample;
      const key =
        outcome === 'http_error'
          ? `http ${status}`
          : outcome === 'protocol_error' && sample.error?.code === HTTP2 && this.#url.startsWith('http:')
            ? 'no http2'
            : outcome;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  /** Whole sentences: on what befell most requests, and on every limit of this machine that one of them met. */
  notes(): string[] {
    const most = (key: string): boolean => (this.#counts.get(key) ?? 0) * 2 > this.#ended;
    const notes = Array.from(
      this.#local,
      ([code, count]) =>
        `${count} ${count === 1 ? 'request' : 'requests'} ${LOCAL[code]}. It is this machine’s doing, and not the server’s.`,
    );
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
    if (most('no http2'))
      notes.push(
        `Most requests met no HTTP/2 at ${this.#base()}, which --http2 speaks there without asking: leave it away for a server of HTTP/1.1.`,
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
