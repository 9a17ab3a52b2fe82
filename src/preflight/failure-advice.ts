import { type LocalLimit, localLimit, type Sample } from '../sample.ts';
import { fixFor, type UnusableCause, unusableCause, type UnusableEndpoint } from './unusable-endpoint.ts';

/**
 * The limits of this machine and how to raise each; every text continues a sentence that begins with a number of requests. Node
 * raises its soft limit on file descriptors to the hard one when it starts, so a plain `ulimit -n` has no effect.
 */
const LOCAL_LIMIT_ADVICE: Record<LocalLimit, string> = {
  EMFILE:
    'failed because this process has no free file descriptor (EMFILE). Every connection needs one, and goodput already uses the hard limit (`ulimit -Hn`): raise it with `sudo prlimit --pid $$ --nofile=65536` in the shell that starts goodput, for a container with `docker run --ulimit nofile=65536`',
  ENFILE:
    'failed because this system has no free file descriptor (ENFILE): raise the limit with `sysctl fs.file-max`, or close other programs',
  EADDRNOTAVAIL:
    'failed because no local port is free for the endpoint’s address (EADDRNOTAVAIL). A closed connection keeps its port for a minute: use more ports with `sysctl net.ipv4.ip_local_port_range="1024 65535"`, a server that keeps its connections open, or a second address or machine',
  ENOBUFS: 'failed because there was no memory for a socket (ENOBUFS): use fewer requests in flight',
  ENOMEM: 'failed because there was no memory for a socket (ENOMEM): use fewer requests in flight',
};

/** A run whose first requests all fail for the same unusable cause ends after this many. */
const FIRST_FAILURES = 10;

/** Counts failures by cause: an unusable endpoint, or a limit of this machine. */
export class FailureAdvice {
  readonly #endpoint: UnusableEndpoint;
  #ended = 0;
  readonly #causes = new Map<UnusableCause, number>();
  readonly #localLimits = new Map<LocalLimit, number>();

  constructor(endpoint: UnusableEndpoint) {
    this.#endpoint = endpoint;
  }

  add(samples: readonly Sample[]): void {
    for (const sample of samples) {
      this.#ended++;
      const limit = localLimit(sample);
      if (limit !== null) this.#localLimits.set(limit, (this.#localLimits.get(limit) ?? 0) + 1);
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

  /** Returns a note on the cause of most failures, and one on each limit of this machine that a request reached. */
  notes(): string[] {
    const limits = Array.from(
      this.#localLimits,
      ([code, count]) =>
        `${count} ${count === 1 ? 'request' : 'requests'} ${LOCAL_LIMIT_ADVICE[code]}. The cause is this machine, not the server.`,
    );
    const most = Array.from(this.#causes).find(([, count]) => count * 2 > this.#ended);
    return most === undefined
      ? limits
      : [...limits, `Most requests failed for the same reason: ${fixFor(most[0], this.#endpoint)}.`];
  }
}
