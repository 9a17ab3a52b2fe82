import type { Outcome, SampleError } from '../sample.ts';
import type { ImportedRequest } from './imported-request.ts';

type Failed = Pick<ImportedRequest, 'outcome' | 'status' | 'error'>;

/** The longest message that is kept. */
const LONGEST = 500;

/** Reason phrases of HTTP (RFC 9110), in lower case, as some tools record them instead of the status. */
const STATUS_OF: ReadonlyMap<string, number> = new Map([
  ['bad request', 400],
  ['unauthorized', 401],
  ['payment required', 402],
  ['forbidden', 403],
  ['not found', 404],
  ['method not allowed', 405],
  ['not acceptable', 406],
  ['request timeout', 408],
  ['conflict', 409],
  ['gone', 410],
  ['length required', 411],
  ['payload too large', 413],
  ['request entity too large', 413],
  ['content too large', 413],
  ['unsupported media type', 415],
  ['unprocessable entity', 422],
  ['unprocessable content', 422],
  ['too many requests', 429],
  ['internal server error', 500],
  ['not implemented', 501],
  ['bad gateway', 502],
  ['service unavailable', 503],
  ['gateway timeout', 504],
]);

/** Patterns of the messages of HTTP clients, in the order in which they are tried. */
const SIGNS: readonly (readonly [Outcome, RegExp])[] = [
  ['timeout', /time(d)?[ _-]?out/i],
  ['dns', /getaddrinfo|name or service not known|name resolution|ENOTFOUND|ClientConnectorDNSError/i],
  ['tls', /\bssl|\btls\b|certificate/i],
  [
    'connect',
    /connect call failed|cannot connect|connection ?refused|ClientConnectorError|ConnectError|connection attempts failed|ECONNREFUSED/i,
  ],
  [
    'stream_truncated',
    /payload is not completed|TransferEncodingError|IncompleteRead|RemoteProtocolError|peer closed|incomplete chunked|disconnected|connection reset|ReadError|ConnectionResetError|connection (was )?(lost|closed|aborted)/i,
  ],
];

/** Returns how a request failed, by what a tool recorded of it. */
export function failureOf(
  message: string | null,
  { status = null, hadEvents = false }: { status?: number | null; hadEvents?: boolean } = {},
): Failed {
  const text = message ?? '';
  const known = status ?? statusIn(text);
  const error: SampleError = { message: shortened(text === '' ? 'no message' : text) };
  if (known !== null && known >= 400) {
    return { outcome: known === 429 ? 'rate_limited' : 'http_error', status: known, error };
  }
  const outcome = SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? 'stream_error';
  // A connection that is lost before any output is not a truncated stream.
  if (outcome === 'stream_truncated' && !hadEvents) return { outcome: 'connect', status: null, error };
  return { outcome, status: null, error };
}

/** Returns the status of a message that is or begins with its reason phrase, such as `Too Many Requests: {...}`, or that names it. */
function statusIn(text: string): number | null {
  const phrase = STATUS_OF.get((text.split(':')[0] ?? '').trim().toLowerCase());
  if (phrase !== undefined) return phrase;
  const named = /\b(?:HTTP|status(?: code)?)[ :=]*([45]\d\d)\b|(?:^|error )'?([45]\d\d)\b/i.exec(text);
  return named === null ? null : Number(named[1] ?? named[2]);
}

/** Returns the last line of a traceback, which names the exception, or the text itself. */
function shortened(text: string): string {
  const lines = text.trim().split('\n');
  const line = text.includes('Traceback (most recent call last)') ? (lines.at(-1) ?? text) : text.trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
