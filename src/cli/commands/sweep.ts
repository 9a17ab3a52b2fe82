import { allExcept, type CommandSpec } from '../options/command-spec.ts';
import { SWEEP_EXCLUDED } from '../options/capacity-options.ts';

export const sweep: CommandSpec = {
  name: 'sweep',
  summary: 'several loads or lengths in one',
  description:
    'Carries out a run for each point of a sweep, in an order shuffled by the seed, and compares them: tokens per second of each user against those of the system. The points come from lists in --rate, --concurrency, --input-tokens and --output-tokens, or from `sweep:` in the scenario. Called again with the same --out it measures only what is missing.',
  argument: { form: '[scenario]', help: 'scenario file (YAML)', values: 'file' },
  own: [{ name: 'virtual', value: null, help: 'on the simulated clock: nothing is sent' }],
  shared: allExcept(...SWEEP_EXCLUDED),
  after: `\`run\` and \`simulate\` of a scenario with \`sweep:\` do the same. Lists in flags belong to
\`sweep\` (and \`plan\`) alone.

Examples:
  $ goodput sweep --url http://127.0.0.1:8000/v1 --rate 2/s,4/s,8/s
  $ goodput sweep chat.yaml --concurrency 1,4,16 --output-tokens 64,256
  $ goodput sweep sweep.yaml
  $ goodput sweep sweep.yaml --virtual --preset llama-3.1-70b-h100x4 --json
  $ goodput sweep sweep.yaml -o sweep.md -o sweep.csv

Exits 0, 98 where no run is valid, 104 for bad usage, 105 when interrupted; gates are judged in each run alone.`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../handlers/sweep.ts')).sweepCommand(
      scenario,
      flags,
      own['virtual'] === true ? 'virtual' : 'real',
      io,
    ),
};
