import { allExcept, type CommandSpec } from '../options/command-spec.ts';
import { CAPACITY_EXCLUDED, CAPACITY_OPTIONS } from '../options/capacity-options.ts';

export const capacity: CommandSpec = {
  name: 'capacity',
  summary: 'the highest good rate',
  description:
    'Finds the highest rate (or number in flight) at which the target share of requests meets every SLO, with an interval. Every probe is a run folder in the folder of the search; called again with the same --out it goes on from there.',
  argument: {
    form: '[scenario]',
    help: 'scenario file (YAML); its rate or concurrency is not used',
    values: 'file',
  },
  own: CAPACITY_OPTIONS,
  shared: allExcept(...CAPACITY_EXCLUDED),
  after: `The answer may also be that no load meets the target, that the SLO is never the limit, or that there is no answer (exit 98). docs/capacity.md says how the capacity is found, and how accurate it is.

Examples:
  $ goodput capacity chat.yaml --url http://127.0.0.1:8000/v1 --slo "ttft<=500ms,tpot<=50ms"
  $ goodput capacity chat.yaml --target 95% --budget 1h --gpus 4 --out reports/night
  $ goodput capacity --virtual --preset llama-3.1-8b-h100 --slo "ttft<=200ms,tpot<=20ms" --json
  $ goodput capacity chat.yaml --out reports/night --budget 0s -o capacity.md -o junit:results.xml -o capacity.prom

Exit codes:
  0    an answer: a capacity, none (0), or no limit by the SLO
  98   no answer: the windows were contended or contradict each other, the budget was too short, goodput could not keep up, or nothing answered; the reason says what would decide it
  104  bad usage or configuration
  105  interrupted: what was found is kept
  1    goodput could not do its work (full disk, dead worker, a defect)`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../handlers/capacity.ts')).capacityCommand(scenario, flags, own, io),
};
