import { type LocalLimit, localLimit, type Sample } from '../sample.ts';
import { fixFor, type UnusableCause, unusableCause, type UnusableEndpoint } from './unusable.ts';

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

/** A run whose first requests all fail for the same unusable cause ends after this many. */
const FIRST_FAILURES = 10;

/** Recognises an endpoint that answers nothing and limits of this machine, and says what to do. */
export class Advice {
  readonly #endpoint: UnusableEndpoint;
  #ended = 0;
  readonly #causes = new Map<UnusableCause, number>();
  readonly #local = new Map<LocalLimit, number>();

  constructor(endpoint: UnusableEndpoint) {
    this.#endpoint = endpoint;
  }

  add(samples: readonly Sample[]): void {
    for (const sample of samples) {
      this.#ended++;
      const limit = localLimit(sample);
      if (limit !== null) this.#local.set(limit, (this.#local.get(limit) ?? 0) + 1);
      const cause = unusableCause(sample, this.#endpoint.url);
      if (cause !== null) this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + 1);
    }
  }

  /** Returns the cause for which every request so far failed, once there are enough of them; `null` otherwise. */
  get onlyCause(): UnusableCause | null {
    if (this.#ended < FIRST_FAILURES || this.#causes.size !== 1) return null;
    const [[cause, count]] = [...this.#causes] as [[UnusableCause, number]];
    return count === this.#ended ? cause : null;
  }

  /** Returns whole sentences: on the cause of most failures, and on every limit of this machine that a request met. */
  notes(): string[] {
    const limits = Array.from(
      this.#local,
      ([code, count]) =>
        `${count} ${count === 1 ? 'request' : 'requests'} ${LOCAL[code]}. It is this machine’s doing, and not the server’s.`,
    );
    const most = Array.from(this.#causes).find(([, count]) => count * 2 > this.#ended);
    return most === undefined
      ? limits
      : [...limits, `Most requests failed the same way: ${fixFor(most[0], this.#endpoint)}.`];
  }
}
