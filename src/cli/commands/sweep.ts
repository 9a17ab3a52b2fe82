import { allBut, type CommandSpec } from '../command.ts';
import { SWEEP_LEFT_OUT } from '../capacity-options.ts';

export const sweep: CommandSpec = {
  name: 'sweep',
  summary: 'several loads or lengths in one',
  description:
    'Carries out a run for each point of the scenario’s `sweep:`, in an order shuffled by the seed, and shows what they trade: tokens per second of each user against those of the system. Called again with the same --out it goes on where it was.',
  argument: { form: '[scenario]', help: 'scenario file (YAML) with a sweep', values: 'file' },
  own: [{ name: 'virtual', value: null, help: 'on the simulated clock: nothing is sent' }],
  shared: allBut(...SWEEP_LEFT_OUT),
  after: `\`run\` and \`simulate\` of such a scenario do the same.

Examples:
  $ goodput sweep sweep.yaml
  $ goodput sweep sweep.yaml --virtual --preset llama-3.1-70b-h100x4 --json
  $ goodput sweep sweep.yaml -o sweep.md -o sweep.csv

Exits 0, 98 where no run is valid, 104 for bad usage, 105 when interrupted; gates are judged in each run alone.`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../sweep.ts')).sweepCommand(scenario, flags, { virtual: own['virtual'] === true }, io),
};
