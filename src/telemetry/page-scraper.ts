import { brief } from '../numbers.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { connector } from '../client/connection/dial.ts';
import { HttpClient } from '../client/connection/http-client.ts';
import { proxyParts } from '../client/connection/network-route.ts';
import { redactor } from '../client/connection/secret-redactor.ts';
import { BodyTooLongError, readBodyText } from '../client/http/body-text.ts';
import { joinValues } from '../client/http/headers.ts';
import { monotonic_ns } from '../health/monotonic-clock.ts';
import { codeOf } from '../system-errors.ts';
import { formatDuration, type Milliseconds } from '../units.ts';
import { PageReader, type SeriesValues } from './prometheus-text.ts';
import type { PageTarget, RawScrape, Scraper } from './target.ts';

interface Limits {
  /** The longest page that is read, as sent and as decoded. That of a server with many models has less than 1 MiB. */
  bytes: number;
  /** The time for one scrape, from its connection to the last byte. */
  time: Milliseconds;
}

const LIMITS: Limits = { bytes: 16 * 1024 * 1024, time: 5000 };

/** The most characters of an answer that a note quotes. */
const QUOTED = 60;

const ACCEPT = 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1';

/** Why a scrape failed, in words for a note. */
class ScrapeError extends Error {}

/** Scrapes a page of metrics over one kept connection, one request at a time. */
export class PageScraper implements Scraper {
  readonly first: Promise<void>;
  readonly #target: PageTarget;
  readonly #every_ms: Milliseconds;
  readonly #limits: Limits;
  readonly #add: (scrape: RawScrape) => void;
  readonly #url: URL;
  readonly #client: HttpClient;
  readonly #closeConnections: () => void;
  readonly #reader = new PageReader();
  readonly #redact: (text: string) => string;
  /** Aborts the scrape in progress at the end of the run, before the last one. */
  readonly #ended = new AbortController();
  readonly #loop: Promise<void>;

  /** @param add receives each scrape when it has ended */
  constructor(
    target: PageTarget,
    every_ms: Milliseconds,
    add: (scrape: RawScrape) => void,
    limits: Limits = LIMITS,
  ) {
    const { connect, close } = connector(target.route);
    this.#target = target;
    this.#every_ms = every_ms;
    this.#limits = limits;
    this.#add = add;
    this.#url = new URL(target.url);
    this.#redact = redactor({ apiKey: null, query: this.#url.searchParams, ...target });
    this.#closeConnections = close;
    this.#client = new HttpClient(this.#url.origin, { connect });
    this.first = this.#scrape(this.#ended.signal);
    this.#loop = this.first.then(() => this.#repeat());
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#loop;
    await this.#scrape(null);
    await this.#client.destroy();
    this.#closeConnections();
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#ended;
    let due_ms = performance.now();
    while (!signal.aborted) {
      // After a scrape that takes longer than the period, the ones in between are skipped.
      const now_ms = performance.now();
      due_ms += this.#every_ms * Math.max(1, Math.ceil((now_ms - due_ms) / this.#every_ms));
      await sleep(due_ms - now_ms, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#scrape(signal);
    }
  }

  /** @param ended aborting it drops the scrape; `null`: the scrape is recorded in any case */
  async #scrape(ended: AbortSignal | null): Promise<void> {
    const timeout = AbortSignal.timeout(this.#limits.time);
    const sent_ns = monotonic_ns();
    let values: SeriesValues | null = null;
    let error: string | null = null;
    let received_ns = sent_ns;
    try {
      const { text, type } = await this.#page(ended === null ? timeout : AbortSignal.any([timeout, ended]));
      received_ns = monotonic_ns();
      values = this.#parsed(text, type);
    } catch (problem) {
      if (ended?.aborted === true) return;
      if (values === null && received_ns === sent_ns) received_ns = monotonic_ns();
      error = this.#redact(
        timeout.aborted
          ? `no complete answer within ${formatDuration(this.#limits.time)}`
          : this.#reasonOf(problem),
      );
    }
    this.#add({ target: this.#target.label, sent_ns, received_ns, values, error });
  }

  /** Requests the page. A redirect is not followed: another host must not receive the headers. */
  async #page(signal: AbortSignal): Promise<{ text: string; type: string }> {
    const { route, headers } = this.#target;
    const { pathPrefix, headers: forProxy } = proxyParts(this.#url, route);
    const response = await this.#client.request({
      method: 'GET',
      path: pathPrefix + this.#url.pathname + this.#url.search,
      headers: { accept: ACCEPT, 'accept-encoding': 'gzip', ...headers, ...forProxy },
      signal,
    });
    const text = await readBodyText(response.body, response.headers, this.#limits.bytes);
    if (response.statusCode !== 200)
      throw new ScrapeError(`HTTP ${response.statusCode}${this.#quoted(text)}`);
    return { text, type: joinValues(response.headers['content-type']) || 'none' };
  }

  #parsed(text: string, type: string): SeriesValues {
    try {
      const values = this.#reader.read(text);
      if (Object.keys(values).length > 0) return values;
    } catch {
      // Reported below.
    }
    throw new ScrapeError(`not Prometheus' text format (content-type ${type})${this.#quoted(text)}`);
  }

  /** Returns the beginning of an answer on one line, without the secrets that it repeats. */
  #quoted(text: string): string {
    const line = this.#redact(text.slice(0, 4 * QUOTED))
      .replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .trim();
    return line === '' ? ', empty' : `: ${line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line}`;
  }

  #reasonOf(error: unknown): string {
    if (error instanceof BodyTooLongError)
      return `the page is larger than ${brief(this.#limits.bytes / 1024 ** 2)} MiB`;
    if (error instanceof ScrapeError) return error.message;
    const code = codeOf(error);
    if (code === 'ECONNREFUSED') return 'connection refused';
    if (code === 'ENOTFOUND') return 'unknown host';
    if (code === 'UND_ERR_SOCKET') return 'the other side closed the connection';
    return code ?? (error instanceof Error ? error.message : String(error));
  }
}
