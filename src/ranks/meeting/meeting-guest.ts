import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from '../../document/decode.ts';
import { GoodputError } from '../../errors.ts';
import type { Meeting } from '../../lifecycle/run-options.ts';
import { reasonOf } from '../../system-errors.ts';
import { formatDuration, type Milliseconds } from '../../units.ts';
import { bestOffset, type ClockOffset, offsetOf } from './clock-offset.ts';
import { timely } from './folder-meeting.ts';
import { type Arrival, type MeetingOptions, type MeetingPlace, missingText, notStarted } from './meeting.ts';
import { ATTEND_PATH, CLOCK_PATH, LEAVE_PATH } from './meeting-host.ts';
import { type Answer, CLOCK_REPLY, type ClockReply, decodeAnswer } from './meeting-json.ts';

// Not an `import`: see `client/http/headers.ts`.
const { Agent, request } = process.getBuiltinModule('node:http');

/** Exchanges of timestamps when the rank arrives, and again before the start. */
const EXCHANGES = 8;
const RETRY_MS: Milliseconds = 100;
/** Rank 0 that has not answered for this long is not there. */
const ANSWER_MS: Milliseconds = 5000;
const SHORTEST_WAIT_MS: Milliseconds = 50;
/** The time before the start in which no more timestamps are exchanged. */
const QUIET_MS: Milliseconds = 50;

interface Reply {
  status: number;
  document: Readonly<Record<string, unknown>>;
  sent_ns: bigint;
  received_ns: bigint;
}

/** A meeting at rank 0, for another rank. */
export class MeetingGuest implements MeetingPlace {
  readonly #url: URL;
  readonly #token: string;
  readonly #options: MeetingOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #offsets: ClockOffset[] = [];
  /** The wall clock of this host minus that of rank 0, with the smallest error. */
  #wall: { offset_ms: number; error_ns: number } | null = null;
  #arrival: Arrival | null = null;
  #isOver = false;

  constructor(url: URL, token: string, options: MeetingOptions) {
    this.#url = url;
    this.#token = token;
    this.#options = options;
  }

  async meet(arrival: Arrival): Promise<Meeting> {
    this.#arrival = arrival;
    const answer = await this.#decision(arrival);
    this.#isOver = true;
    if (answer.kind !== 'start') throw notStarted(answer.kind === 'refused' ? answer.why : 'no decision');
    return this.#startAt(BigInt(answer.origin_ns), answer.boot);
  }

  async leave(reason: string): Promise<void> {
    const { rank } = this.#options;
    if (this.#isOver) return;
    this.#isOver = true;
    const body = { ...this.#said(this.#arrival ?? { id: '', parts: {} }), reason };
    await this.#post(LEAVE_PATH, body, 2000).catch(() => rank);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#agent.destroy();
  }

  /** Asks rank 0 until there is a decision. */
  async #decision(arrival: Arrival): Promise<Answer> {
    const { rank, timeout, clock } = this.#options;
    const began_ns = clock.monotonic_ns();
    let missing: readonly number[] = [0];
    let trouble = '';
    while (Number(clock.monotonic_ns() - began_ns) / 1e6 < timeout && !this.#isOver) {
      try {
        if (this.#offsets.length === 0) await this.#exchange(EXCHANGES);
        const left_ms = timeout - Number(clock.monotonic_ns() - began_ns) / 1e6;
        const wait_ms = Math.max(SHORTEST_WAIT_MS, Math.min(ANSWER_MS, left_ms) / 2);
        const body = { ...this.#said(arrival), wait_ms };
        const { status, document } = await this.#post(ATTEND_PATH, body, wait_ms + ANSWER_MS);
        if (status === 200) {
          const answer = this.#answerIn(document);
          if (answer.kind !== 'waiting') return answer;
          missing = answer.missing;
          continue;
        }
        const why = errorIn(document) ?? `HTTP ${status}`;
        if (status === 401) throw this.#refused(why);
        throw notStarted(why);
      } catch (error) {
        if (error instanceof GoodputError) {
          this.#isOver = true;
          throw error;
        }
        missing = missing.includes(0) ? missing : [0];
        trouble = reasonOf(error);
        await sleep(RETRY_MS);
      }
    }
    const at = missing.includes(0) && trouble !== '' ? ` at ${this.#url.origin} (${trouble})` : '';
    const why = missingText(missing, rank.of, timeout) + at;
    await this.leave(`it waited ${formatDuration(timeout)}`);
    throw notStarted(why);
  }

  /** @throws {GoodputError} kind `ranks` if the document is not an answer of rank 0 */
  #answerIn(document: unknown): Answer {
    try {
      return decodeAnswer(document);
    } catch (error) {
      const { origin } = this.#url;
      throw new GoodputError('ranks', `${origin}: not an answer of rank 0: ${(error as Error).message}`, {
        hint: 'Is another program, or another version of goodput, listening there?',
        cause: error,
      });
    }
  }

  #said({ id, parts }: Arrival): object {
    const { index, of } = this.#options.rank;
    const trip_ms = Math.min(...this.#offsets.map(({ error_ns }) => (2 * error_ns) / 1e6));
    return { rank: index, of, id, parts, trip_ms: Number.isFinite(trip_ms) ? trip_ms : 0 };
  }

  #refused(why: string): GoodputError {
    return new GoodputError(
      'usage',
      `rank 0 refused rank ${this.#options.rank.index} at ${this.#url.origin}: ${why}`,
      {
        hint: 'Give all ranks the same GOODPUT_MEET_TOKEN.',
      },
    );
  }

  /** Exchanges timestamps with rank 0. @throws the error of the connection, or of a reply that is not one of rank 0 */
  async #exchange(times: number): Promise<void> {
    const { clock } = this.#options;
    for (let k = 0; k < times; k++) {
      const { status, document, sent_ns, received_ns } = await this.#post(CLOCK_PATH, {}, ANSWER_MS);
      if (status === 401) throw this.#refused(errorIn(document) ?? 'HTTP 401');
      const { epoch_ms, ...stamps } = clockReply(status, document);
      const there = { received_ns: BigInt(stamps.received_ns), sent_ns: BigInt(stamps.sent_ns) };
      const offset = offsetOf({ sent_ns, there, received_ns });
      this.#offsets.push(offset);
      if (offset.error_ns < (this.#wall?.error_ns ?? Infinity)) {
        // The wall clock of rank 0 at the instant at which the reply arrived.
        const elapsed_ns = Number(received_ns - there.sent_ns) + offset.offset_ns;
        const passed_ms = Number(clock.monotonic_ns() - received_ns) / 1e6;
        this.#wall = {
          offset_ms: clock.epoch_ms() - passed_ms - (epoch_ms + elapsed_ns / 1e6),
          error_ns: offset.error_ns,
        };
      }
    }
  }

  async #startAt(origin_ns: bigint, boot: string | null): Promise<Meeting> {
    const { clock } = this.#options;
    const now_ns = (): bigint => clock.monotonic_ns();
    // Clocks have drifted since the rank arrived.
    for (let k = 0; k < EXCHANGES; k++) {
      const best = bestOffset(this.#offsets, now_ns());
      const left_ms = (Number(origin_ns - now_ns()) - best.offset_ns) / 1e6;
      if (left_ms < QUIET_MS + (4 * best.error_ns) / 1e6) break;
      await this.#exchange(1).catch(() => (k = EXCHANGES));
    }
    const { offset_ns, error_ns } = bestOffset(this.#offsets, now_ns());
    const offset_ms = this.#wall?.offset_ms ?? null;
    if (boot !== null && boot === clock.boot && Math.abs(offset_ns) <= error_ns)
      return timely({ origin_ns, start: { by: 'host', offset_ms, error_ms: 0 } }, this.#options);
    const start = { by: 'http' as const, offset_ms, error_ms: error_ns / 1e6 };
    return timely({ origin_ns: origin_ns - BigInt(Math.round(offset_ns)), start }, this.#options);
  }

  #post(path: string, body: object, timeout: Milliseconds): Promise<Reply> {
    const { clock } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const text = JSON.stringify(body);
    const outgoing = request(
      new URL(path, this.#url),
      {
        method: 'POST',
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        },
        signal: AbortSignal.timeout(Math.ceil(timeout)),
      },
      (response) => {
        const received_ns = clock.monotonic_ns();
        let received = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          received += chunk;
          if (received.length > 100_000) response.destroy(new Error('a reply that is too long'));
        });
        response.on('error', reject);
        response.on('end', () => {
          try {
            resolve({
              status: response.statusCode ?? 0,
              document: documentIn(received),
              sent_ns,
              received_ns,
            });
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
      },
    );
    outgoing.on('error', reject);
    const sent_ns = clock.monotonic_ns();
    outgoing.end(text);
    return promise;
  }
}

/** @throws {Error} if the reply is not one of rank 0 */
function clockReply(status: number, document: unknown): ClockReply {
  try {
    if (status === 200) return decode(CLOCK_REPLY, document);
  } catch {
    // Reported below.
  }
  throw new Error(`HTTP ${status}, not rank 0 of a run`);
}

const errorIn = ({ error }: Reply['document']): string | null => (typeof error === 'string' ? error : null);

function documentIn(text: string): Readonly<Record<string, unknown>> {
  const document: unknown = JSON.parse(text);
  return typeof document === 'object' && document !== null ? { ...document } : {};
}
