import { formatDuration } from '../../units.ts';
import type { Milliseconds } from '../../units.ts';
import type { Outcome, SampleError, TimeoutKind } from '../../sample.ts';

/** How a request ended, other than well. */
export interface Failure {
  outcome: Outcome;
  error: SampleError;
}

/** How far a request had come when its connection failed. */
export interface Progress {
  sent: boolean;
  headers: boolean;
  reused: boolean;
  /** `host:port`. */
  address: string;
}

/** What Node's HTTP/2 says of bytes that are none. */
export const HTTP2_ERROR = 'ERR_HTTP2_ERROR';
const DNS = /^(ENOTFOUND|EAI_\w+)$/;
/** Codes of Node's TLS (`ERR_TLS_…`), of OpenSSL (`ERR_SSL_…`, `EPROTO`) and of X.509 verification. */
const TLS =
  /^(EPROTO|ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH)|SELF_SIGNED|UNABLE_TO_/;

/** Classes of `error` by its code: streams/servers.md §3. A connection lost after the headers cut the answer short. */
export function connectionFailure(error: Error, progress: Progress): Failure {
  const { code, message } = causeOf(error);
  if (progress.headers) return afterHeaders(error, code, message);
  if (DNS.test(code)) return failure('dns', `cannot resolve ${hostOf(progress.address)}: ${message}`, code);
  if (TLS.test(code)) return failure('tls', `no TLS with ${progress.address}: ${ofTls(message)}`, code);
  if (breaksHttp2(code, message))
    return failure('protocol_error', `${progress.address} does not answer in HTTP/2: ${message}`, code);
  if (!progress.sent) {
    if (code === 'ETIMEDOUT')
      return timedOut('connect', `the system gave up connecting to ${progress.address}`, code);
    // Node adds the socket's own end, which a socket that was never bound does not have: "Local (undefined:undefined)".
    const why = message.replace(/ - Local \(.*\)$/, '');
    return failure('connect', `cannot connect to ${progress.address}: ${why}`, code);
  }
  const broken = brokenHead(error);
  if (broken !== null)
    return failure(
      'protocol_error',
      `${progress.address} does not answer in HTTP/1.1: ${broken}`,
      code === 'UND_ERR_HEADERS_OVERFLOW' ? code : '',
    );
  const which = progress.reused ? 'a reused connection' : 'a new connection';
  return failure('connect', `${progress.address} closed ${which} before answering: ${message}`, code);
}

/** OpenSSL's reason without its thread, number, function and source line; Node's without a switch that goodput does not take. */
function ofTls(message: string): string {
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? [];
  if (reason === 'wrong version number') return 'what answers there speaks no TLS (wrong version number)';
  if (reason === 'tlsv13 alert certificate required')
    return 'the server wants a certificate of the client (--cert, --key)';
  const said = reason ?? message.replace(/; if the root CA is installed locally, try running Node.*$/s, '');
  return said.replace(/ is not in the cert's list: *$/, ', and it names none');
}

function afterHeaders(error: Error, code: string, message: string): Failure {
  // Bytes that are no chunk are the server's fault; an end in the wrong place is a cut.
  if (breaksHttp2(code, message))
    return failure('protocol_error', `the body breaks HTTP/2: ${message}`, code);
  if (breaksHttp(error) && !message.includes('Invalid EOF state')) {
    return failure('protocol_error', `the body breaks HTTP/1.1: ${message}`, code);
  }
  return failure('stream_truncated', `the connection broke before the stream ended: ${message}`, code);
}

/**
 * Returns true for an exception that no connection meets: a programming error of goodput or of a library. Node's own errors of
 * these classes that a peer can cause have a code.
 */
export function isDefect(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ERR_ASSERTION') return true;
  const isNative = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  return isNative && code === undefined;
}

/** undici's parser errors often have no code, and the reason only in their message. */
const breaksHttp = (error: Error): boolean => error.name === 'HTTPParserError';

/** By its own rules, or by the server's word; other stream errors are the server's to give (RFC 9113 §7). */
const breaksHttp2 = (code: string, message: string): boolean =>
  code === HTTP2_ERROR ||
  (code === 'ERR_HTTP2_STREAM_ERROR' &&
    /NGHTTP2_(PROTOCOL|FLOW_CONTROL|FRAME_SIZE|COMPRESSION|STREAM_CLOSED|SETTINGS_TIMEOUT)/.test(message));

/** What is wrong with a response that has not got past its head, or `null` where the connection was lost. */
function brokenHead(error: Error): string | null {
  if (breaksHttp(error)) return error.message;
  switch ('code' in error ? error.code : undefined) {
    case 'UND_ERR_HEADERS_OVERFLOW':
      return 'its head is over 16 KiB';
    // undici counts the bytes of the body, of which there are none yet, before it asks its parser for the reason.
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'its head is invalid (a content-length that is repeated, a list, too large, or beside a transfer-encoding?)';
    case 'UND_ERR_SOCKET':
      return error.message === 'bad response'
        ? unasked(100)
        : error.message === 'bad upgrade'
          ? unasked(101)
          : null;
    default:
      return null;
  }
}

/** What a status says that cannot answer a request, or `null` for any other. */
export function statusFailure(status: number, address: string): Failure | null {
  if (status >= 102 || status === 100) return null;
  return failure('protocol_error', `${address} does not answer in HTTP/1.1: ${unasked(status)}`);
}

const unasked = (status: number): string => `it sent the status ${status}, which no request asked for`;

const WAITED_FOR: Record<TimeoutKind, string> = {
  connect: 'no connection',
  headers: 'no response headers',
  first_token: 'no first token',
  idle: 'no further token',
  total: 'no end',
};

export function timeoutFailure(kind: TimeoutKind, limit: Milliseconds): Failure {
  return timedOut(kind, `${WAITED_FOR[kind]} within ${formatDuration(limit)}`);
}

export function failure(outcome: Outcome, message: string, code = ''): Failure {
  return { outcome, error: { message, ...(code === '' ? {} : { code }) } };
}

function timedOut(kind: TimeoutKind, message: string, code = ''): Failure {
  const { error } = failure('timeout', message, code);
  return { outcome: 'timeout', error: { ...error, kind } };
}

/** undici wraps, and Node bundles the attempts on several addresses into one error without a message. */
function causeOf(error: Error): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const attempts = error.errors.map((attempt) => causeOf(attempt as Error));
    // An address of a family that this machine does not have says nothing of those that it could try.
    const { code } = attempts.find((attempt) => attempt.code !== 'EADDRNOTAVAIL') ?? attempts[0]!;
    return { code, message: attempts.map(({ message }) => message).join('; ') };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.cause instanceof Error && (code === '' || code.startsWith('UND_ERR')))
    return causeOf(error.cause);
  // A peer that closes in the middle is what Node's own client calls ECONNRESET, whether by FIN or by RST.
  if (code === 'UND_ERR_SOCKET') return { code: 'ECONNRESET', message: 'the other side closed it' };
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return { code: 'ECONNRESET', message: 'not as many bytes as announced' };
  return { code, message: error.message };
}

const hostOf = (address: string): string => address.replace(/:\d+(?=$| )/, '');
