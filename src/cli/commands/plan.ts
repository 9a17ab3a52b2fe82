import { allBut, type CommandSpec, SCENARIO } from '../command.ts';
import { ABOUT_COMPARING } from '../../scenario/options.ts';

export const plan: CommandSpec = {
  name: 'plan',
  summary: 'what a run would send, and where each value comes from',
  description: 'Resolves a scenario as `run` would, and prints it without sending anything.',
  argument: SCENARIO,
  own: [],
  shared: allBut(
    'slo-grid',
    'format',
    'output',
    'audit-truth',
    'quiet',
    'strict',
    'fail-fast',
    ...ABOUT_COMPARING,
  ),
  after: `Example:
  $ goodput plan scenario.yaml --rate 10/s`,
  run: async ({ words: [scenario = null], flags }, io) =>
    (await import('../plan.ts')).planCommand(scenario, flags, io),
};
