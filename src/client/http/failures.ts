import { formatDuration } from '../../units.ts';
import type { Milliseconds } from '../../units.ts';
import type { Outcome, SampleError, TimeoutKind } from '../../sample.ts';

export interface Failure {
  outcome: Outcome;
  error: SampleError;
}

/** How far a request had progressed when its connection failed. */
export interface Progress {
  sent: boolean;
  headers: boolean;
  reused: boolean;
  /** `host:port`. */
  address: string;
}

/** Node's code for bytes that are not HTTP/2. */
export const HTTP2_ERROR = 'ERR_HTTP2_ERROR';
const DNS = /^(ENOTFOUND|EAI_\w+)$/;
/** Codes of Node's TLS (`ERR_TLS_…`), of OpenSSL (`ERR_SSL_…`, `EPROTO`) and of X.509 verification. */
const TLS =
  /^(EPROTO|ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH)|SELF_SIGNED|UNABLE_TO_/;

/**
 * Returns the failure of a request whose connection failed, classified by the error's code. If the headers had arrived, the response was
 * cut off.
 */
export function connectionFailure(error: Error, progress: Progress): Failure {
  const { code, message } = causeOf(error);
  if (progress.headers) return afterHeaders(error, code, message);
  if (DNS.test(code)) return failure('dns', `cannot resolve ${hostOf(progress.address)}: ${message}`, code);
  if (TLS.test(code)) return failure('tls', `no TLS with ${progress.address}: ${tlsReason(message)}`, code);
  if (breaksHttp2(code, message))
    return failure('protocol_error', `${progress.address} does not answer in HTTP/2: ${message}`, code);
  if (!progress.sent) {
    if (code === 'ETIMEDOUT')
      return timedOut('connect', `the system gave up connecting to ${progress.address}`, code);
    // Node appends the local address, which an unbound socket does not have: "Local (undefined:undefined)".
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

/**
 * Returns the reason in a TLS error: OpenSSL's without thread, number, function and source line; Node's without a hint that does not
 * apply to goodput.
 */
function tlsReason(message: string): string {
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? [];
  if (reason === 'wrong version number')
    return 'the server does not use TLS on this port (wrong version number)';
  if (reason === 'tlsv13 alert certificate required')
    return 'the server requires a client certificate (--cert, --key)';
  const said = reason ?? message.replace(/; if the root CA is installed locally, try running Node.*$/s, '');
  return said.replace(/ is not in the cert's list: *$/, ', and it lists none');
}

function afterHeaders(error: Error, code: string, message: string): Failure {
  // Invalid chunks are the server's error; an end at the wrong place means that the response was cut off.
  if (breaksHttp2(code, message))
    return failure('protocol_error', `the body breaks HTTP/2: ${message}`, code);
  if (breaksHttp(error) && !message.includes('Invalid EOF state')) {
    return failure('protocol_error', `the body breaks HTTP/1.1: ${message}`, code);
  }
  return failure('stream_truncated', `the connection broke before the stream ended: ${message}`, code);
}

/**
 * Returns true for a programming error in goodput or a library, as opposed to a failure of the connection. Those errors of Node of the
 * same classes that a peer can cause have a code.
 */
export function isDefect(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ERR_ASSERTION') return true;
  const isNative = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  return isNative && code === undefined;
}

/** undici's parser errors often have no code, and the reason only in their message. */
const breaksHttp = (error: Error): boolean => error.name === 'HTTPParserError';

/** Returns true if HTTP/2 was violated, according to Node or to the server; the server may send other stream errors (RFC 9113 §7). */
const breaksHttp2 = (code: string, message: string): boolean =>
  code === HTTP2_ERROR ||
  (code === 'ERR_HTTP2_STREAM_ERROR' &&
    /NGHTTP2_(PROTOCOL|FLOW_CONTROL|FRAME_SIZE|COMPRESSION|STREAM_CLOSED|SETTINGS_TIMEOUT)/.test(message));

/** Describes a response whose head is invalid; returns `null` if the connection was lost. */
function brokenHead(error: Error): string | null {
  if (breaksHttp(error)) return error.message;
  switch ('code' in error ? error.code : undefined) {
    case 'UND_ERR_HEADERS_OVERFLOW':
      return 'its head is over 16 KiB';
    // undici compares the length of the body, of which no byte has arrived, before it asks its parser for the reason.
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'its head is invalid (a content-length that is repeated, a list, too large, or together with a transfer-encoding?)';
    case 'UND_ERR_SOCKET':
      return error.message === 'bad response'
        ? unexpectedStatus(100)
        : error.message === 'bad upgrade'
          ? unexpectedStatus(101)
          : null;
    default:
      return null;
  }
}

/** Returns the failure for a status that cannot answer a request, or `null` for any other status. */
export function statusFailure(status: number, address: string): Failure | null {
  if (status >= 102 || status === 100) return null;
  return failure('protocol_error', `${address} does not answer in HTTP/1.1: ${unexpectedStatus(status)}`);
}

const unexpectedStatus = (status: number): string =>
  `it sent the status ${status}, which no request asked for`;

const MISSING: Record<TimeoutKind, string> = {
  connect: 'no connection',
  headers: 'no response headers',
  first_token: 'no first token',
  idle: 'no further token',
  total: 'no end',
};

export function timeoutFailure(kind: TimeoutKind, limit: Milliseconds): Failure {
  return timedOut(kind, `${MISSING[kind]} within ${formatDuration(limit)}`);
}

export function failure(outcome: Outcome, message: string, code = ''): Failure {
  return { outcome, error: { message, ...(code === '' ? {} : { code }) } };
}

function timedOut(kind: TimeoutKind, message: string, code = ''): Failure {
  const { error } = failure('timeout', message, code);
  return { outcome: 'timeout', error: { ...error, kind } };
}

/**
 * Returns the underlying error: undici wraps errors, and Node combines the attempts on several addresses into one error without a
 * message.
 */
function causeOf(error: Error): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const attempts = error.errors.map((attempt) => causeOf(attempt as Error));
    // An address of a family that this machine does not support says nothing about the others.
    const { code } = attempts.find((attempt) => attempt.code !== 'EADDRNOTAVAIL') ?? attempts[0]!;
    return { code, message: attempts.map(({ message }) => message).join('; ') };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.cause instanceof Error && (code === '' || code.startsWith('UND_ERR')))
    return causeOf(error.cause);
  // Node's own client reports a peer that closes too early as ECONNRESET, whether by FIN or by RST.
  if (code === 'UND_ERR_SOCKET') return { code: 'ECONNRESET', message: 'the other side closed it' };
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return { code: 'ECONNRESET', message: 'not as many bytes as announced' };
  return { code, message: error.message };
}

const hostOf = (address: string): string => address.replace(/:\d+(?=$| )/, '');
