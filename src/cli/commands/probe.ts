import type { CommandSpec } from '../options/command-spec.ts';
import { ABOUT_ENDPOINT } from '../../scenario/keys/option-table.ts';

export const probe: CommandSpec = {
  name: 'probe',
  summary: 'show what an endpoint is and supports',
  description:
    'Shows the server, its models and APIs, the request fields that it accepts, its round-trip time, the offset of its clock, whether it really streams, how many tokens an event has, and whether a repeated prompt is answered faster.',
  argument: { form: '[scenario]', help: 'scenario file (YAML), for its endpoint', values: 'file' },
  own: [],
  shared: ABOUT_ENDPOINT,
  after: `It sends a few requests, one after the other, each at most 30 s long: three connections without a request, the list of models, and ten to twenty requests to a model (more if many are refused), with about 10,000 input and 100 to 400 output tokens in total.

Examples:
  $ goodput probe --url http://127.0.0.1:8000/v1
  $ goodput probe --url https://api.example.com/v1 --model a-large --api-key-env A_KEY --json

Exits with 0 if a plain request was answered, 1 if not, 104 for bad usage.`,
  run: async ({ words: [scenario = null], flags }, io) =>
    (await import('../handlers/probe.ts')).probeCommand(scenario, flags, io),
};
