import { allExcept, type CommandSpec } from '../options/command-spec.ts';
import { CAPACITY_EXCLUDED, CAPACITY_OPTIONS } from '../options/capacity-options.ts';

export const capacity: CommandSpec = {
  name: 'capacity',
  summary: 'find the highest load that meets the SLOs',
  description:
    'Finds the highest rate (or number in flight) at which the target share of requests meets every SLO, with an interval. Every search window is a run folder in the folder of the search. Called again with the same --out, the search continues.',
  argument: {
    form: '[scenario]',
    help: 'scenario file (YAML); its rate or concurrency is not used',
    values: 'file',
  },
  own: CAPACITY_OPTIONS,
  shared: allExcept(...CAPACITY_EXCLUDED),
  after: `Other answers are that no load meets the target, that the SLO is never the limit, or that there is no answer (exit 98). docs/capacity.md describes the search and its accuracy.

Examples:
  $ goodput capacity chat.yaml --url http://127.0.0.1:8000/v1 --slo "ttft<=500ms,tpot<=50ms"
  $ goodput capacity chat.yaml --target 95% --budget 1h --gpus 4 --out reports/night
  $ goodput capacity --virtual --preset llama-3.1-8b-h100 --slo "ttft<=200ms,tpot<=20ms" --json
  $ goodput capacity chat.yaml --out reports/night --budget 0s -o capacity.md -o junit:results.xml -o capacity.prom

Exit codes:
  0    an answer: a capacity, none (0), or no limit by the SLO
  98   no answer: the windows were contended or contradict each other, the budget was too short, goodput could not keep up, or nothing answered; the reason says what to do
  104  bad usage or configuration
  105  interrupted: the results so far are stored
  1    goodput itself failed (full disk, crashed worker, a defect)`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../handlers/capacity.ts')).capacityCommand(scenario, flags, own, io),
};
