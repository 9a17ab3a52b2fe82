import { allExcept, type CommandSpec, EXIT_CODES, SCENARIO } from '../options/command-spec.ts';
import { ABOUT_RANKS, ABOUT_SENDING } from '../../scenario/keys/option-table.ts';

export const simulate: CommandSpec = {
  name: 'simulate',
  summary: 'simulate a run on a virtual clock, without a network',
  description:
    'Carries out a scenario as `run` would, against the simulated engine on a virtual clock: nothing is sent, nothing waits, and the same seed gives the same samples. The plan, SLOs and gates of the scenario apply; its endpoint is ignored.',
  argument: SCENARIO,
  own: [],
  shared: allExcept(...ABOUT_SENDING, ...ABOUT_RANKS),
  after: `docs/simulator.md lists the presets, and describes what is modelled.

Examples:
  $ goodput simulate chat.yaml
  $ goodput simulate chat.yaml --preset llama-3.1-70b-h100x4 --rate 8/s
  $ goodput simulate --preset tiny --engine maxNumSeqs=4 --concurrency 16 --requests 200

${EXIT_CODES}`,
  run: async ({ words: [scenario = null], flags }, io) =>
    (await import('../handlers/run.ts')).runCommand(scenario, flags, 'virtual', io),
};
