import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { GoodputError } from '../../errors.ts';
import type { Meeting } from '../../lifecycle/run-options.ts';
import { reasonOf } from '../../system-errors.ts';
import type { Milliseconds } from '../../units.ts';
import {
  type Arrival,
  leftText,
  type MeetingOptions,
  type MeetingPlace,
  missingText,
  notStarted,
} from './meeting.ts';
import type { Answer, ClockReply } from './meeting-json.ts';
import { type Attendance, Roll } from './roll.ts';

// Not an `import`: see `client/http/headers.ts`.
const { createServer } = process.getBuiltinModule('node:http');

/** The most bytes of a request. */
const MOST_BYTES = 16_384;
/** A rank that waits is answered after this time at the latest, and asks again. */
const ASK_AGAIN_MS: Milliseconds = 2000;
/** The time from the decision to the start: this, or several times the way to rank 0 and back. */
const LEAD_MS: Milliseconds = 300;
const LEAD_TRIPS = 20;
const LONGEST_TRIP_MS: Milliseconds = 500;
/** The time for the others to ask again and get the decision. */
const FAREWELL_MS: Milliseconds = 300;

export const ATTEND_PATH = '/attend';
export const LEAVE_PATH = '/leave';
export const CLOCK_PATH = '/clock';

/** A meeting at rank 0, which the other ranks reach by HTTP. */
export class MeetingHost implements MeetingPlace {
  readonly #options: MeetingOptions;
  readonly #token: Buffer;
  readonly #server: Server;
  readonly #roll: Roll;
  readonly #decided = Promise.withResolvers<Answer>();
  #answer: Answer | null = null;

  private constructor(token: string, options: MeetingOptions) {
    this.#options = options;
    this.#token = digest(token);
    const now = (): number => Number(options.clock.monotonic_ns()) / 1e6;
    this.#roll = new Roll(options.rank, now, () => this.#check());
    this.#server = createServer((request, response) => {
      const received_ns = options.clock.monotonic_ns();
      void this.#serve(request, response, received_ns).catch(() => request.destroy());
    });
    this.#server.headersTimeout = 10_000;
    this.#server.requestTimeout = 10_000;
  }

  /** @throws {GoodputError} kind `usage` if the port cannot be opened */
  static async open(url: URL, token: string, options: MeetingOptions): Promise<MeetingHost> {
    const host = new MeetingHost(token, options);
    const server = host.#server;
    // Other hosts know this one by a name that may be an address of none of its interfaces, so it listens on all.
    const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
    const address = loopback ? url.hostname.replaceAll(/[[\]]/g, '') : undefined;
    try {
      server.listen(Number(url.port), address);
      await once(server, 'listening');
    } catch (error) {
      throw new GoodputError(
        'usage',
        `--meet ${url.origin}: rank 0 cannot listen on port ${url.port}: ${reasonOf(error)}`,
        {
          hint: 'Name a port that is free on the machine of rank 0.',
          cause: error,
        },
      );
    }
    server.unref();
    return host;
  }

  /** The port on which the host listens. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async meet(arrival: Arrival): Promise<Meeting> {
    const { rank, timeout } = this.#options;
    this.#roll.begin(arrival);
    const mismatch = this.#roll.mismatch();
    if (mismatch !== null) this.#decide({ kind: 'refused', why: mismatch });
    const timer = setTimeout(() => {
      const { missing } = this.#roll;
      // The last one came with the timer.
      if (missing.length > 0) this.#decide({ kind: 'refused', why: missingText(missing, rank.of, timeout) });
    }, timeout);
    this.#check();
    try {
      const answer = await this.#decided.promise;
      if (answer.kind !== 'start') throw notStarted(answer.kind === 'refused' ? answer.why : 'no decision');
      return { origin_ns: BigInt(answer.origin_ns), start: { by: 'host', offset_ms: 0, error_ms: 0 } };
    } finally {
      clearTimeout(timer);
    }
  }

  async leave(reason: string): Promise<void> {
    this.#decide({ kind: 'refused', why: leftText(this.#options.rank, reason) });
    this.#decided.promise.catch(() => undefined);
  }

  async close(): Promise<void> {
    if (this.#answer?.kind === 'refused') await sleep(FAREWELL_MS);
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #decide(answer: Answer): void {
    if (this.#answer !== null) return;
    this.#answer = answer;
    this.#roll.answerAll(answer);
    this.#decided.resolve(answer);
  }

  /** Decides on the start if all ranks are there. */
  #check(): void {
    if (this.#answer !== null || this.#roll.missing.length > 0) return;
    const { clock } = this.#options;
    const lead_ms = LEAD_MS + Math.ceil(LEAD_TRIPS * this.#roll.longestTrip_ms);
    const origin_ns = clock.monotonic_ns() + BigInt(lead_ms * 1_000_000);
    this.#decide({ kind: 'start', origin_ns: String(origin_ns), boot: clock.boot });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, received_ns: bigint): Promise<void> {
    const { url, method } = request;
    if (!this.#isAllowed(request))
      return reply(response, 401, { error: 'another token than that of rank 0' });
    if (method !== 'POST') return reply(response, 405, { error: 'POST only' });
    if (url === CLOCK_PATH) {
      request.resume();
      const { clock } = this.#options;
      return reply(response, 200, {
        received_ns: String(received_ns),
        epoch_ms: clock.epoch_ms(),
        sent_ns: String(clock.monotonic_ns()),
      } satisfies ClockReply);
    }
    if (url !== ATTEND_PATH && url !== LEAVE_PATH) return reply(response, 404, { error: 'no such path' });
    const body = await bodyOf(request);
    if (body === null) return reply(response, 413, { error: `more than ${MOST_BYTES} bytes` });
    const attendance = attendanceFrom(body);
    if (attendance === null) return reply(response, 400, { error: 'not what a rank says' });
    const none = this.#roll.whyNone(attendance);
    if (none !== null) return reply(response, 409, { error: none });
    if (url === LEAVE_PATH) {
      const why = leftText({ index: attendance.rank, of: attendance.of }, reasonIn(body));
      this.#decide({ kind: 'refused', why });
      return reply(response, 200, {});
    }
    const wrong = this.#roll.whyNot(attendance);
    if (wrong !== null) this.#decide({ kind: 'refused', why: wrong });
    return this.#attend(attendance, response);
  }

  #attend(attendance: Attendance, response: ServerResponse): void {
    if (this.#answer !== null) return reply(response, 200, this.#answer);
    const answer = (found: Answer): void => {
      clearTimeout(timer);
      gone();
      reply(response, 200, found);
    };
    const wait_ms = Math.min(ASK_AGAIN_MS, attendance.wait_ms);
    const timer = setTimeout(() => answer({ kind: 'waiting', missing: this.#roll.missing }), wait_ms);
    let gone = (): void => undefined;
    response.on('close', () => {
      clearTimeout(timer);
      gone();
    });
    gone = this.#roll.attend(attendance, answer);
  }

  #isAllowed({ headers }: IncomingMessage): boolean {
    return timingSafeEqual(digest(headers.authorization?.replace(/^Bearer /i, '') ?? ''), this.#token);
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function reply(response: ServerResponse, status: number, document: object): void {
  if (response.writableEnded || response.destroyed) return;
  // After a refusal the rest of the request is not read.
  const headers = status >= 400 ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(document));
}

/** Returns the body of a request; `null` if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) ?? undefined;
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function attendanceFrom(body: unknown): Attendance | null {
  if (typeof body !== 'object' || body === null) return null;
  const { rank, of, id, parts, trip_ms, wait_ms } = body as Record<string, unknown>;
  if (!isCount(rank) || !isCount(of) || typeof id !== 'string' || typeof parts !== 'object' || parts === null)
    return null;
  const entries = Object.entries(parts).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const milliseconds = (value: unknown, fallback: number): number =>
    typeof value === 'number' && value >= 0 ? Math.min(value, fallback) : fallback;
  return {
    rank,
    of,
    id,
    parts: Object.fromEntries(entries),
    trip_ms: milliseconds(trip_ms, LONGEST_TRIP_MS),
    wait_ms: milliseconds(wait_ms, ASK_AGAIN_MS),
  };
}

/** Returns the reason of a rank that leaves, on one line. */
function reasonIn(body: unknown): string {
  const { reason } = body as Record<string, unknown>;
  return typeof reason === 'string'
    ? reason.replaceAll(/[\p{C}\s]+/gu, ' ').slice(0, 300)
    : 'no reason given';
}
