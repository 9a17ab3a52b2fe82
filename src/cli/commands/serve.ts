import { type CommandSpec, SCENARIO } from '../options/command-spec.ts';
import { SERVE_OPTIONS, SHARED_OPTIONS } from '../options/serve-options.ts';

export const serve: CommandSpec = {
  name: 'serve',
  summary: 'run the simulated endpoint as a server',
  description:
    'Serves a simulated engine over HTTP, with OpenAI’s chat, completions and responses APIs, Anthropic’s messages, and vLLM’s /metrics. It uses the `simulator:` section and the seed of a scenario. Its address is printed on stdout.',
  argument: SCENARIO,
  own: SERVE_OPTIONS,
  shared: SHARED_OPTIONS,
  after: `The key that requests must have comes from a variable or a file, never from the command line, where other users could read it. docs/simulator.md lists dialects and faults, and describes the log.

Examples:
  $ goodput serve --preset llama-3.1-8b-l4 --port 8000
  $ goodput serve --dialect vllm --fault "reset after=3 share=5%" --fault "stall at=30s for=500ms" --log truth.jsonl
  $ goodput serve chat.yaml --port 0 --api-key-env SERVE_KEY
  $ goodput serve --list-presets

Exits with 0 after a signal, 104 for bad usage.`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../handlers/serve.ts')).serveCommand(scenario, flags, own, io),
};
