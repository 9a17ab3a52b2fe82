import { type CommandSpec, SCENARIO } from '../options/command-spec.ts';
import { SERVE_OPTIONS, SHARED_OPTIONS } from '../options/serve-options.ts';

export const serve: CommandSpec = {
  name: 'serve',
  summary: 'the simulated endpoint, as a server',
  description:
    'Serves a simulated engine over HTTP, as OpenAI’s chat, completions and responses APIs, as Anthropic’s messages, and with vLLM’s /metrics. Of a scenario it takes the `simulator:` section and the seed. Its address is printed on stdout.',
  argument: SCENARIO,
  own: SERVE_OPTIONS,
  shared: SHARED_OPTIONS,
  after: `The key that requests must bring comes from a variable or a file, never from the command line, where others could read it. docs/simulator.md lists dialects and faults, and tells what the log holds.

Examples:
  $ goodput serve --preset llama-3.1-8b-l4 --port 8000
  $ goodput serve --dialect vllm --fault "reset after=3 share=5%" --fault "stall at=30s for=500ms" --log truth.jsonl
  $ goodput serve chat.yaml --port 0 --api-key-env SERVE_KEY
  $ goodput serve --list-presets

Exits 0 once a signal ended it in good order, 104 for a mistake in what was given.`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../handlers/serve.ts')).serveCommand(scenario, flags, own, io),
};
