import { OPTIONAL_FIELDS } from '../client/api/request-profile.ts';
import {
  boolean,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  recordOf,
  string,
} from '../document/definition.ts';
import {
  ALL_APIS,
  type ApiAnswer,
  type ClockOffset,
  type EndpointProfile,
  type LimitEffect,
  type OptionFound,
  type PrefixCache,
  type Recognised,
  type Streaming,
  type TokensPerEvent,
} from '../probe/endpoint-profile.ts';
import { TOKEN_SOURCES } from '../sample.ts';

type Connection = EndpointProfile['connection'];

const API = oneOf(ALL_APIS, 'API.');

const CONNECTION = object<Connection>(
  {
    ip: nullable(string('IP address.')),
    http: nullable(string('Version of HTTP of the first response.')),
    http2: nullable(boolean('The server chose HTTP/2; `null`: it was not offered.')),
    tls: nullable(
      object<NonNullable<Connection['tls']>>(
        {
          handshake_ms: number('TLS handshake, in milliseconds.'),
          version: nullable(string('Version of TLS.')),
          cipher: string('Cipher suite.'),
          alpn: nullable(string('Protocol that the server chose; `null`: none.')),
          subject: nullable(string('Subject of the certificate.')),
          issuer: nullable(string('Issuer of the certificate.')),
          valid_to: nullable(string('End of the validity of the certificate.')),
        },
        'TLS; `null`: the connection is not encrypted.',
      ),
    ),
    dns_ms: nullable(number('Name resolution, in milliseconds.')),
    connect_ms: number('Shortest TCP handshake, in milliseconds: one round trip.'),
    answer_ms: nullable(
      number('Shortest time from a request that needs no model to its response, in milliseconds.'),
    ),
    attempts: number('Connections that were opened.'),
  },
  'Connections to the endpoint.',
);

const OPTION = object<OptionFound>(
  {
    state: oneOf(
      ['works', 'taken', 'ignored', 'refused', 'not needed', 'yours'],
      '`taken`: not refused, and its effect is unknown. `yours`: the request body of the user has it.',
    ),
    said: nullable(string('Message of the server.')),
  },
  'An optional field.',
);

const LIMIT_EFFECT = object<LimitEffect>(
  {
    name: string('Field of the request.'),
    state: oneOf(
      ['obeyed', 'partly', 'ignored', 'unknown'],
      '`partly`: a larger limit was obeyed. `unknown`: every response was shorter.',
    ),
    asked: number('Limit of the response that shows it, in tokens.'),
    came: number('Output tokens of this response.'),
    obeyed: nullable(number('Largest limit at which a response ended, in tokens.')),
  },
  'How responses keep to the limit of output tokens; `null`: no tokens were counted.',
);

const PREFIX_CACHE = object<PrefixCache>(
  {
    words: number('Words of each prompt.'),
    first_ms: list(number('Milliseconds.'), 'Time to first token of each prompt, in milliseconds.'),
    again_ms: list(number('Milliseconds.'), 'The same when it was sent again, in milliseconds.'),
    cached_tokens: nullable(number('Most cached tokens that the server reported; `null`: none reported.')),
    faster: boolean('Every repeated prompt was faster than every first one, and by a tenth in the median.'),
  },
  'The prefix cache.',
);

/** The document of `goodput probe --json`, in the order of its keys. */
export const PROBE = object<EndpointProfile>(
  {
    schemaVersion: oneOf([1], 'Version of this document.'),
    endpoint: object<EndpointProfile['endpoint']>(
      {
        url: string('Base URL.'),
        api: API,
        model: string('Model.'),
        simulated: boolean('The endpoint is the simulated endpoint of goodput.'),
      },
      'The endpoint.',
    ),
    server: object<Recognised>(
      {
        name: nullable(string('Name of the server; `null`: not recognized.')),
        because: list(string('Mark.'), 'Marks that identify the server.'),
        header: nullable(string('Its `server` header.')),
      },
      'The server software.',
    ),
    models: object<EndpointProfile['models']>(
      {
        ids: list(string('Name.'), 'Models.'),
        context: nullable(number('Context length of the first model, in tokens.')),
        problem: nullable(string('Why there is no list.')),
      },
      'The list of models.',
    ),
    apis: recordOf(
      ALL_APIS,
      object<ApiAnswer>(
        {
          spoken: nullable(boolean('The server supports the API; `null`: unknown.')),
          status: nullable(number('HTTP status.')),
          said: nullable(string('Message of the server, if the request failed.')),
        },
        'Response to a small request.',
      ),
      'API → response to a small request.',
    ),
    connection: CONNECTION,
    clock: nullable(
      object<ClockOffset>(
        {
          low_ms: number('Least that the clock of the server is ahead, in milliseconds.'),
          high_ms: number('Most that the clock of the server is ahead, in milliseconds.'),
          headers: number('Number of `date` headers.'),
        },
        'Clock of the server, relative to this machine.',
      ),
    ),
    streaming: nullable(
      object<Streaming>(
        {
          verdict: oneOf(
            ['streams', 'bursts', 'once', 'unknown'],
            '`once`: all events arrive together at the end. `bursts`: several events at a time.',
          ),
          events: number('Output events.'),
          arrivals: number('Instants at which events arrived, at least a millisecond from each other.'),
          first_ms: number('From the send to the first output event, in milliseconds.'),
          span_ms: number('From the first output event to the last, in milliseconds.'),
        },
        'How one response arrived.',
      ),
    ),
    tokens: nullable(
      object<TokensPerEvent>(
        {
          output: nullable(number('Output tokens.')),
          choices: number('Choices of the response.'),
          from: oneOf(TOKEN_SOURCES, 'Source of the token count.'),
          mean: nullable(number('Mean tokens per event.')),
          most: nullable(number('Most tokens in one event; `null`: unknown for single events.')),
          exact: boolean('The tokens of each event are known.'),
        },
        'Tokens per event of one response.',
      ),
    ),
    options: recordOf(OPTIONAL_FIELDS, OPTION, 'Optional field → what the server does with it.'),
    limit_effect: nullable(LIMIT_EFFECT),
    limit: nullable(string('Field that limits the output tokens in the chat API.')),
    refused: record(string('Message of the server.'), 'Refused field → message of the server.'),
    prefix_cache: nullable(PREFIX_CACHE),
    failed: nullable(
      object<NonNullable<EndpointProfile['failed']>>(
        {
          outcome: string('Outcome, as in samples.jsonl.'),
          status: nullable(number('HTTP status.')),
          message: string('Message.'),
        },
        'Why a plain request failed; `null`: it succeeded.',
      ),
    ),
    cost: object<EndpointProfile['cost']>(
      {
        requests: number('Requests to a model.'),
        input_tokens: nullable(number('Input tokens that the server counted.')),
        output_tokens: nullable(number('Output tokens that the server counted.')),
        took_s: number('Time that the probe took, in seconds.'),
      },
      'Cost of the probe.',
    ),
  },
  'Profile of an endpoint: what goodput probe --json prints.',
);
