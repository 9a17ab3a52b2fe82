import type { OptionName } from '../../scenario/keys/options.ts';

/** Options of `run` that say what the simulated endpoint is. */
export const SHARED_OPTIONS = [
  'preset',
  'engine',
  'dialect',
  'natural-length',
  'fault',
  'seed',
] as const satisfies OptionName[];

/** Options of `serve` alone, as data: help and completion derive from it. */
export const SERVE_OPTIONS = [
  { name: 'port', value: 'N', help: 'port to listen at; 0 takes one that is free', fallback: '8000' },
  { name: 'host', value: 'ADDRESS', help: 'address to listen at', fallback: '127.0.0.1' },
  {
    name: 'model',
    value: 'NAME',
    help: 'the one model that is served (else any name is answered)',
    fallback: null,
  },
  {
    name: 'api-key-env',
    value: 'NAME',
    help: 'environment variable that holds the key which requests must bring',
    fallback: null,
  },
  { name: 'api-key-file', value: 'FILE', values: 'file', help: 'file that holds that key', fallback: null },
  {
    name: 'log',
    value: 'FILE',
    values: 'file',
    help: 'write down what every request did, and when',
    fallback: null,
  },
  { name: 'max-body', value: 'BYTES', help: 'largest body of a request', fallback: '64M' },
  {
    name: 'max-bodies',
    value: 'BYTES',
    help: 'largest total of the bodies of all requests in progress',
    fallback: '512M',
  },
  { name: 'max-connections', value: 'N', help: 'most connections open at once', fallback: '16k' },
  {
    name: 'header-timeout',
    value: 'DURATION',
    help: 'time limit for the headers of a request',
    fallback: '60s',
  },
  { name: 'request-timeout', value: 'DURATION', help: 'time limit for a whole request', fallback: '5m' },
  { name: 'list-presets', value: null, help: 'print what can be simulated, and end', fallback: null },
  { name: 'quiet', value: null, help: 'nothing on stderr', fallback: null },
] as const;

export type ServeFlags = Readonly<
  Partial<Record<Exclude<(typeof SERVE_OPTIONS)[number]['name'], 'list-presets' | 'quiet'>, string>> & {
    'list-presets'?: true;
    quiet?: true;
  }
>;
