import { allExcept, type CommandSpec, EXIT_CODES, SCENARIO } from '../options/command-spec.ts';
import { ABOUT_SENDING } from '../../scenario/keys/options.ts';

export const simulate: CommandSpec = {
  name: 'simulate',
  summary: 'the same plan on a virtual clock, without a network',
  description:
    'Carries a scenario out as `run` would, against the simulated engine and on a virtual clock: nothing is sent, nothing waits, and the same seed gives the same samples. Whatever endpoint the scenario names, its plan, SLOs and gates are taken.',
  argument: SCENARIO,
  own: [],
  shared: allExcept(...ABOUT_SENDING),
  after: `docs/simulator.md lists the presets, and tells what is modelled and what is not.

Examples:
  $ goodput simulate chat.yaml
  $ goodput simulate chat.yaml --preset llama-3.1-70b-h100x4 --rate 8/s
  $ goodput simulate --preset tiny --engine maxNumSeqs=4 --concurrency 16 --requests 200

${EXIT_CODES}`,
  run: async ({ words: [scenario = null], flags }, io) =>
    (await import('../handlers/run.ts')).runCommand(scenario, flags, 'virtual', io),
};
