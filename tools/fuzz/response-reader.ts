import type { ApiName } from '../../src/client/api/api.ts';
import type { Client, Exchange } from '../../src/client/client.ts';
import { openClient } from '../../src/client/open-client.ts';
import { difference, type Finding, findingsIn } from './findings.ts';
import type { FuzzResponse } from './responses.ts';

/** Much longer than a request may take: a request that has not ended by then never ends. */
const HANG_MS = 30_000;

/** A longer pause of the machine causes a timeout of a correct response, so timeouts prove nothing. */
const TIMEOUTS = { connect: 5000, headers: 3000, firstToken: 1500, idle: 1500, total: 10_000 };

/** Reads the responses of one API in both ways: with templates, and with every event parsed, as if text were kept. */
export class Reader {
  readonly #fast: Client;
  readonly #plain: Client;

  constructor(url: string, api: ApiName) {
    const open = (keepText: boolean): Client =>
      openClient({
        url,
        api,
        apiKey: null,
        headers: {},
        timeouts: TIMEOUTS,
        keepText,
        now: () => performance.now() * 1000,
      });
    this.#fast = open(false);
    this.#plain = open(true);
  }

  /** @param body identifies the response to the server */
  async read(body: string, response: FuzzResponse): Promise<{ exchanges: Exchange[]; findings: Finding[] }> {
    const both = await Promise.all([ask(this.#fast, body), ask(this.#plain, body)]);
    const exchanges = both.filter((each): each is Exchange => !('kind' in each));
    const findings = both.flatMap((each) => ('kind' in each ? [each] : findingsIn(each)));
    const [fast, plain] = exchanges;
    const differ = plain === undefined ? null : difference(fast!, plain, response);
    return { exchanges, findings: differ === null ? findings : [...findings, differ] };
  }

  async close(): Promise<void> {
    await Promise.all([this.#fast.close(), this.#plain.close()]);
  }
}

async function ask(client: Client, body: string): Promise<Exchange | Finding> {
  const flight = client.send(Buffer.from(body));
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(
    () => late.resolve({ kind: 'hangs', detail: `not ended after ${HANG_MS / 1000} s` }),
    HANG_MS,
  );
  try {
    return await Promise.race([flight.done, late.promise]);
  } catch (error) {
    return { kind: 'internal exceptions', detail: (error as Error).stack ?? String(error) };
  } finally {
    clearTimeout(timer);
  }
}
