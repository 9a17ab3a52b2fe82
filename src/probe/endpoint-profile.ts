import type { ApiName } from '../client/api/api.ts';
import type { OptionalField } from '../client/api/request-profile.ts';
import type { TlsFacts } from '../client/connection/connection-check.ts';
import type { TokenSource } from '../sample.ts';
import type { Milliseconds } from '../units.ts';

/** Every API, in the order in which they are tried. */
export const ALL_APIS: readonly ApiName[] = ['chat', 'completions', 'responses', 'messages'];

/** The profile of an endpoint: what `goodput probe` found out, and prints with `--json`. `null`: not found out. */
export interface EndpointProfile {
  schemaVersion: 1;
  endpoint: { url: string; api: ApiName; model: string; simulated: boolean };
  server: Recognised;
  models: {
    ids: string[];
    /** Context length of the first model, in tokens. */
    context: number | null;
    problem: string | null;
  };
  /** Response to a small request of each API. */
  apis: Partial<Record<ApiName, ApiAnswer>>;
  connection: {
    ip: string | null;
    /** Version of HTTP of the first response. */
    http: string | null;
    /**
     * True if the server chose HTTP/2 when it was offered. Without TLS nothing can be offered: true if requests were answered in it with
     * `--http2`, else `null`.
     */
    http2: boolean | null;
    tls: TlsFacts | null;
    dns_ms: Milliseconds | null;
    /** Shortest TCP handshake of `attempts`, which is one round trip. */
    connect_ms: Milliseconds;
    /** Shortest time from a request that needs no model to the first line of the response. */
    answer_ms: Milliseconds | null;
    attempts: number;
  };
  clock: ClockOffset | null;
  streaming: Streaming | null;
  tokens: TokensPerEvent | null;
  /** Fields that only some servers take. */
  options: Partial<Record<OptionalField, OptionFound>>;
  /** The chat API's name for the limit of output tokens. */
  limit: string | null;
  /** Effect of the limit of output tokens; `null` if no tokens were counted. */
  limit_effect: LimitEffect | null;
  /** Refused field → the server's message. */
  refused: Record<string, string>;
  prefix_cache: PrefixCache | null;
  /** Why a plain request failed, so that the last of these are unknown; `null`: it succeeded. */
  failed: { outcome: string; status: number | null; message: string } | null;
  /** Cost of the requests to a model; tokens as far as the server counts them. */
  cost: { requests: number; input_tokens: number | null; output_tokens: number | null; took_s: number };
}

export interface Recognised {
  /** `null`: not recognised. */
  name: string | null;
  /** Marks that identify the server. */
  because: string[];
  /** Its `server` header. */
  header: string | null;
}

export interface ApiAnswer {
  /** True if the server supports the API; `null`: unknown. */
  spoken: boolean | null;
  status: number | null;
  /** The server's message, if the request failed. */
  said: string | null;
}

/** Bounds of how far the server's clock is ahead of this machine's. */
export interface ClockOffset {
  low_ms: Milliseconds;
  high_ms: Milliseconds;
  /** Number of `date` headers. */
  headers: number;
}

export interface Streaming {
  /** `once`: everything comes together at the end; `bursts`: several events at a time. */
  verdict: 'streams' | 'bursts' | 'once' | 'unknown';
  events: number;
  /** Instants, at least a millisecond apart, at which events came. */
  arrivals: number;
  /** From the send to the first output event, and from there to the last. */
  first_ms: Milliseconds;
  span_ms: Milliseconds;
}

export interface TokensPerEvent {
  output: number | null;
  /** Choices in the response: one is requested, unless the user's request body sets another number. */
  choices: number;
  from: TokenSource;
  mean: number | null;
  /** Most tokens in one event; `null` if the tokens of single events are unknown. */
  most: number | null;
  /** True if the tokens of each event are known, and not only their mean. */
  exact: boolean;
}

export interface OptionFound {
  /** `taken`: not refused, effect unknown; `yours`: set in the user's request body, not tried. */
  state: 'works' | 'taken' | 'ignored' | 'refused' | 'not needed' | 'yours';
  said: string | null;
}

export interface LimitEffect {
  /** The field of the request. */
  name: string;
  /** `partly`: a larger limit was obeyed; `unknown`: every answer was shorter. */
  state: 'obeyed' | 'partly' | 'ignored' | 'unknown';
  /** Limit and output tokens of the response that shows it. */
  asked: number;
  came: number;
  /** The largest limit at which a response ended. */
  obeyed: number | null;
}

export interface PrefixCache {
  /** Words of each prompt; no two prompts have the same beginning. */
  words: number;
  /** Time to first token when each was sent first, and when it was sent again. */
  first_ms: Milliseconds[];
  again_ms: Milliseconds[];
  /** Most cached tokens that usage reported for a repeated prompt; `null` if it reported none. */
  cached_tokens: number | null;
  /** True if every repeated prompt was faster than every first one, and by a tenth in the median. */
  faster: boolean;
}
