import type { CommandSpec } from '../options/command-spec.ts';
import { ABOUT_ENDPOINT } from '../../scenario/keys/options.ts';

export const probe: CommandSpec = {
  name: 'probe',
  summary: 'what an endpoint is, on one screen',
  description:
    'Tells which server it is, its models and APIs, which fields of a request it takes, how far away it is, how right its clock is, whether it streams for real, how many tokens an event carries, and whether a prompt that comes again is answered sooner.',
  argument: { form: '[scenario]', help: 'scenario file (YAML), for its endpoint', values: 'file' },
  own: [],
  shared: ABOUT_ENDPOINT,
  after: `It sends few requests, one after the other, none longer than 30 s: three bare connections, the list of models, and ten to twenty requests to a model (more if many are refused), with about 10,000 tokens in and 100 to 400 out in total.

Examples:
  $ goodput probe --url http://127.0.0.1:8000/v1
  $ goodput probe --url https://api.example.com/v1 --model a-large --api-key-env A_KEY --json

Exits 0 when a plain request was answered, 1 when not, 104 for bad usage.`,
  run: async ({ words: [scenario = null], flags }, io) =>
    (await import('../handlers/probe.ts')).probeCommand(scenario, flags, io),
};
