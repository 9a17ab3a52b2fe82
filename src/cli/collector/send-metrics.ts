import { gzipSync } from 'node:zlib';
import { type Dispatcher, request } from 'undici';
import { redactorOf } from '../../redaction.ts';
import { codeOf } from '../../system-errors.ts';
import type { CollectorSettings } from './collector-settings.ts';

/** The answer of a collector that took metrics. */
export interface Delivery {
  /** Points that the collector refused. */
  rejected: number;
  /** Its message; empty if it has none. */
  message: string;
}

/** Statuses on which the specification of OTLP wants a retry. */
const RETRIED: readonly number[] = [429, 502, 503, 504];
const ATTEMPTS = 3;
const PAUSE_MS = 1000;
/** The longest answer that is read. */
const MOST_BYTES = 64 * 1024;
const MOST_TEXT = 300;

/**
 * Sends a request of OTLP, and again if the collector asks for it, all within the timeout.
 * @throws {Error} whose message says what went wrong, without secrets. It may quote the collector, as do messages of deliveries.
 */
export async function sendMetrics(body: object, settings: CollectorSettings): Promise<Delivery> {
  const signal = AbortSignal.timeout(settings.timeout_ms);
  const redact = redactorOf(Object.values(settings.headers), '***');
  try {
    for (let attempt = 1; ; attempt++) {
      const response = await post(JSON.stringify(body), settings, signal);
      const text = await beginningOf(response);
      const { statusCode } = response;
      if (statusCode >= 200 && statusCode < 300) return deliveryOf(text, redact);
      if (!RETRIED.includes(statusCode) || attempt === ATTEMPTS)
        throw new Error(`HTTP ${statusCode}${afterColon(redact(messageIn(text)))}`);
      await pause(pauseOf(response) ?? attempt * PAUSE_MS, signal);
    }
  } catch (error) {
    throw new Error(redact(reasonOf(error, settings)), { cause: error });
  }
}

/** Posts once. A redirect is not followed: another host must not receive the headers. */
const post = (
  json: string,
  { url, headers, isCompressed }: CollectorSettings,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> =>
  request(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
    },
    body: isCompressed ? gzipSync(json) : json,
    signal,
  });

/** Returns the beginning of the body, as text. */
async function beginningOf({ body }: Dispatcher.ResponseData): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    // A body without an encoding yields bytes.
    parts.push(part as Buffer);
    length += part.length;
    if (length >= MOST_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8', 0, MOST_BYTES);
}

function deliveryOf(text: string, redact: (text: string) => string): Delivery {
  const answer = objectIn(text);
  const { rejectedDataPoints = 0, errorMessage } = objectOf(answer['partialSuccess']);
  const rejected = Number(rejectedDataPoints);
  return {
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    message: typeof errorMessage === 'string' ? redact(shortened(errorMessage)) : '',
  };
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Returns the message of a `google.rpc.Status`, or the text of the answer. */
function messageIn(text: string): string {
  const { message } = objectIn(text);
  return shortened(typeof message === 'string' ? message : text);
}

const shortened = (text: string): string =>
  text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}…`;

const afterColon = (text: string): string => (text === '' ? '' : `: ${text}`);

/** Returns the pause that `retry-after` asks for in seconds; `null` if it has none. */
function pauseOf({ headers }: Dispatcher.ResponseData): number | null {
  const after = String(headers['retry-after'] ?? '');
  return /^\d{1,6}$/.test(after) ? Number(after) * 1000 : null;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });

const UNREACHABLE = new Map(
  Object.entries({
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'its host name is unknown',
    EAI_AGAIN: 'its host name cannot be looked up now',
    ECONNRESET: 'it closed the connection',
    UND_ERR_SOCKET: 'it closed the connection',
  }),
);

function reasonOf(error: unknown, { timeout_ms }: CollectorSettings): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeout_ms} ms`;
  const code = codeOf(error);
  const known = code === null ? undefined : UNREACHABLE.get(code);
  if (known !== undefined) return `${known} (${code})`;
  return error instanceof Error ? error.message : String(error);
}
