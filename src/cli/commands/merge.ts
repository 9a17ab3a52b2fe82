import type { CommandSpec } from '../options/command-spec.ts';

export const merge: CommandSpec = {
  name: 'merge',
  summary: 'join the run folders of several ranks into one run',
  description:
    'Joins the runs of ranks (goodput run --rank r/n --out DIR) into one run folder, as if one process had sent all requests, and reports it. Ranks that were killed or have no folder are named; their planned requests count as lost.',
  argument: { form: '<folder>', help: 'the folder that was given to all ranks as --out', values: 'folder' },
  own: [
    {
      name: 'output',
      short: 'o',
      value: 'RUN',
      help: 'folder of the merged run (default: merged, in the folder of the ranks)',
      values: 'folder',
    },
    { name: 'by', value: 'KEY', help: 'figures of each group of requests, by this key or tag' },
  ],
  shared: ['slo', 'slo-preset', 'gate', 'slo-grid', 'format', 'json', 'no-color', 'quiet', 'plots', 'strict'],
  after: `Examples:
  $ goodput merge reports/large
  $ goodput merge reports/large -o reports/large-merged
  $ goodput merge reports/large --gate "attainment>=95%" --json
  $ goodput report reports/large/merged -o report.html

The ranks stay as they are. An earlier merge of the same ranks is replaced.

Exit codes, by the verdict on the merged run:
  0    every gate passed, or none is declared
  99   a gate failed
  98   the run is invalid: do not trust its numbers
  104  bad usage, or ranks that cannot be merged`,
  run: async ({ words: [dir = ''], flags, own }, io) =>
    (await import('../handlers/merge.ts')).mergeCommand(dir, own, flags, io),
};
