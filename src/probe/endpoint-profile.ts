import type { ApiName } from '../client/api/api.ts';
import type { OptionalField } from '../client/api/request-profile.ts';
import type { TlsFacts } from '../client/connection/connection-check.ts';
import type { TokenSource } from '../sample.ts';
import type { Milliseconds } from '../units.ts';

/** Every API, in the order in which they are tried. */
export const ALL_APIS: readonly ApiName[] = ['chat', 'completions', 'responses', 'messages'];

/** What `goodput probe` found out of an endpoint; what `--json` prints. `null`: not found out. */
export interface EndpointProfile {
  schemaVersion: 1;
  endpoint: { url: string; api: ApiName; model: string; simulated: boolean };
  server: Recognised;
  models: {
    ids: string[];
    /** Of the first, in tokens. */
    context: number | null;
    problem: string | null;
  };
  /** Whether a small request of each API was answered. */
  apis: Partial<Record<ApiName, ApiAnswer>>;
  connection: {
    ip: string | null;
    /** What the first answer was in. */
    http: string | null;
    /**
     * Whether HTTP/2 was chosen where it was offered. Without TLS nothing can be offered: whether requests were answered in it with
     * `--http2`, else `null`.
     */
    http2: boolean | null;
    tls: TlsFacts | null;
    dns_ms: Milliseconds | null;
    /** The least of `attempts`: TCP's handshake, which is one round trip. */
    connect_ms: Milliseconds;
    /** The least of the same: from a request that no model answers to the first line of what comes back. */
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
  /** How responses keep to the limit of output tokens; `null` if no tokens were counted. */
  limit_effect: LimitEffect | null;
  /** What was refused on the way to it, or with the limit → the server's words. */
  refused: Record<string, string>;
  prefix_cache: PrefixCache | null;
  /** Why the last of these are not known: what a plain request came to. */
  failed: { outcome: string; status: number | null; message: string } | null;
  /** Of requests of a model; tokens as far as the server counts them. */
  cost: { requests: number; input_tokens: number | null; output_tokens: number | null; took_s: number };
}

export interface Recognised {
  /** `null`: by no mark that goodput knows. */
  name: string | null;
  /** What it was told by. */
  because: string[];
  /** Its `server` header. */
  header: string | null;
}

export interface ApiAnswer {
  /** `null`: an answer that is neither a yes nor a no. */
  spoken: boolean | null;
  status: number | null;
  /** The server's words, where it is no yes. */
  said: string | null;
}

/** How far the server's clock is ahead of this machine's: somewhere in between. */
export interface ClockOffset {
  low_ms: Milliseconds;
  high_ms: Milliseconds;
  /** `date` headers that it was told by. */
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
  /** Choices in the answer: one is asked for, unless the user's own body says otherwise. */
  choices: number;
  from: TokenSource;
  mean: number | null;
  /** In one event; `null` where tokens are not known event by event. */
  most: number | null;
  /** Known event by event, and not only on average. */
  exact: boolean;
}

export interface OptionFound {
  /** `taken`: not refused, and no answer shows whether it has an effect; `yours`: set by the user, not tried. */
  state: 'works' | 'taken' | 'ignored' | 'refused' | 'not needed' | 'yours';
  said: string | null;
}

export interface LimitEffect {
  /** The field of the request. */
  name: string;
  /** `partly`: a larger limit was obeyed; `unknown`: every answer was shorter. */
  state: 'obeyed' | 'partly' | 'ignored' | 'unknown';
  /** The limit of the answer that shows it, and its tokens. */
  asked: number;
  came: number;
  /** The largest limit at which an answer ended. */
  obeyed: number | null;
}

export interface PrefixCache {
  /** Words of the prompts, no two of which begin alike. */
  words: number;
  /** Time to first token when each was sent first, and when it was sent again. */
  first_ms: Milliseconds[];
  again_ms: Milliseconds[];
  /** Most cached tokens that usage reported for one sent again; `null` where it reports none. */
  cached_tokens: number | null;
  /** Every one sent again was faster than every first one, and by a tenth in the median. */
  faster: boolean;
}
