import { allExcept, type CommandSpec, SCENARIO } from '../options/command-spec.ts';

export const plan: CommandSpec = {
  name: 'plan',
  summary: 'show what a run would send, and where each value comes from',
  description: 'Resolves a scenario as `run` would, and prints it without sending anything.',
  argument: SCENARIO,
  own: [],
  shared: allExcept(
    'slo-grid',
    'format',
    'output',
    'events',
    'push-otlp',
    'plots',
    'audit-truth',
    'quiet',
    'strict',
    'fail-fast',
    'meet',
    'meet-timeout',
  ),
  after: `For several endpoints it shows each of them, and the order of the rounds.

Examples:
  $ goodput plan scenario.yaml --rate 10/s
  $ goodput plan scenario.yaml --rank 0/4
  $ goodput plan chat.yaml --url http://new:8000/v1 --against http://base:8000/v1 --rounds 5`,
  run: async ({ words: [scenario = null], flags }, io) =>
    (await import('../handlers/plan.ts')).planCommand(scenario, flags, io),
};
