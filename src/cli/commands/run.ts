import { allExcept, type CommandSpec, EXIT_CODES, SCENARIO } from '../options/command-spec.ts';

export const run: CommandSpec = {
  name: 'run',
  summary: 'measure an endpoint',
  description:
    'Sends the planned requests, records every one, and reports. Without a scenario and without --url it measures the embedded simulated endpoint.',
  argument: SCENARIO,
  own: [],
  shared: allExcept(),
  after: `Options that describe the run also have an environment variable: GOODPUT_MAX_CONCURRENCY for --max-concurrency. --against and the output options have none. The API key comes from GOODPUT_API_KEY or from the variable that --api-key-env names. Flags override environment variables, which override the file.

Interrupted rounds resume with the same --out.

Examples:
  $ goodput run --url http://127.0.0.1:8000/v1 --rate 5/s --duration 60s --input-tokens 512 --output-tokens 128
  $ goodput run --url http://127.0.0.1:8000/v1 --concurrency 16 --requests 200 --prompts prompts.jsonl
  $ goodput run chat.yaml --rate 10/s --gate "ttft p99 <= 400ms" --out reports/tonight
  $ goodput run chat.yaml --url http://new:8000/v1 --against http://base:8000/v1 --rounds 5
  $ goodput run providers.yaml --rounds 9 --out reports/night
  $ goodput run chat.yaml -o report.md -o junit:results.xml --format github

${EXIT_CODES}`,
  run: async ({ words: [scenario = null], flags }, io) =>
    (await import('../handlers/run.ts')).runCommand(scenario, flags, 'real', io),
};
