import { allExcept, type CommandSpec } from '../options/command-spec.ts';
import { SWEEP_EXCLUDED } from '../options/capacity-options.ts';

export const sweep: CommandSpec = {
  name: 'sweep',
  summary: 'measure several loads or lengths',
  description:
    'Carries out a run for each point of a sweep, in an order shuffled by the seed, and compares them: tokens per second per user against total tokens per second. The points come from lists in --rate, --concurrency, --input-tokens and --output-tokens, or from `sweep:` in the scenario. Called again with the same --out, it measures only the missing points.',
  argument: { form: '[scenario]', help: 'scenario file (YAML)', values: 'file' },
  own: [{ name: 'virtual', value: null, help: 'on a virtual clock: nothing is sent' }],
  shared: allExcept(...SWEEP_EXCLUDED),
  after: `\`run\` and \`simulate\` do the same with a scenario that has \`sweep:\`. Only \`sweep\` and \`plan\`
accept lists in flags.

Examples:
  $ goodput sweep --url http://127.0.0.1:8000/v1 --rate 2/s,4/s,8/s
  $ goodput sweep chat.yaml --concurrency 1,4,16 --output-tokens 64,256
  $ goodput sweep sweep.yaml
  $ goodput sweep sweep.yaml --virtual --preset llama-3.1-70b-h100x4 --json
  $ goodput sweep sweep.yaml -o sweep.md -o sweep.csv

Exits with 0, 98 if no run is valid, 104 for bad usage, 105 if interrupted. Gates are judged in each run separately.`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../handlers/sweep.ts')).sweepCommand(
      scenario,
      flags,
      own['virtual'] === true ? 'virtual' : 'real',
      io,
    ),
};
