import type { OptionName } from '../../scenario/keys/option-table.ts';

/** Options of `run` about the simulated endpoint. */
export const SHARED_OPTIONS = [
  'preset',
  'engine',
  'dialect',
  'natural-length',
  'fault',
  'seed',
] as const satisfies OptionName[];

/** Options that only `serve` has; its help and completion are generated from them. */
export const SERVE_OPTIONS = [
  { name: 'port', value: 'N', help: 'port to listen on (0 picks a free one)', fallback: '8000' },
  { name: 'host', value: 'ADDRESS', help: 'address to listen on', fallback: '127.0.0.1' },
  {
    name: 'model',
    value: 'NAME',
    help: 'name of the only model; without it, requests for any model are answered',
    fallback: null,
  },
  {
    name: 'api-key-env',
    value: 'NAME',
    help: 'environment variable that holds the key that requests must have',
    fallback: null,
  },
  { name: 'api-key-file', value: 'FILE', values: 'file', help: 'file that holds that key', fallback: null },
  {
    name: 'log',
    value: 'FILE',
    values: 'file',
    help: 'log the events of every request with their times',
    fallback: null,
  },
  { name: 'max-body', value: 'BYTES', help: 'largest request body', fallback: '64M' },
  {
    name: 'max-bodies',
    value: 'BYTES',
    help: 'largest total size of the bodies of all requests in progress',
    fallback: '512M',
  },
  { name: 'max-connections', value: 'N', help: 'maximum number of open connections', fallback: '16k' },
  {
    name: 'header-timeout',
    value: 'DURATION',
    help: 'time limit for the headers of a request',
    fallback: '60s',
  },
  { name: 'request-timeout', value: 'DURATION', help: 'time limit for a request', fallback: '5m' },
  { name: 'list-presets', value: null, help: 'list the presets and exit', fallback: null },
  { name: 'quiet', value: null, help: 'nothing on stderr', fallback: null },
] as const;

export type ServeFlags = Readonly<
  Partial<Record<Exclude<(typeof SERVE_OPTIONS)[number]['name'], 'list-presets' | 'quiet'>, string>> & {
    'list-presets'?: true;
    quiet?: true;
  }
>;
