import type { CommandSpec } from '../options/command-spec.ts';
import { COMPARE_OPTIONS } from '../options/compare-options.ts';

export const compare: CommandSpec = {
  name: 'compare',
  summary: 'compare recorded runs',
  description:
    'Tells for each figure whether the second run is better, worse or the same, with its interval. The runs must have the same plan except for the seed; the endpoint and its settings may differ. Two single runs give an indication; several on each side, or the rounds of `run --against`, give a verdict.',
  argument: {
    form: '[runs...]',
    help: 'two run folders, <base> <new>; or one folder of rounds',
    values: 'folder',
  },
  own: [
    { name: 'base', value: 'RUN...', help: 'run folders of the base', values: 'folder' },
    { name: 'new', value: 'RUN...', help: 'run folders of the new side', values: 'folder' },
  ],
  shared: COMPARE_OPTIONS,
  after: `The verdict is worse if a deciding figure is worse, otherwise better if one is better, and the same if all are the same. The deciding figures are attainment, ttft mean, tpot mean and ttft p95, unless --decide names others.

Examples:
  $ goodput compare reports/chat-20260101T120000Z reports/chat-20260102T120000Z
  $ goodput compare --base reports/a-1 reports/a-2 reports/a-3 --new reports/b-1 reports/b-2 reports/b-3
  $ goodput compare reports/rounds-20260101T120000Z
  $ goodput compare reports/before reports/after --tolerance 3% --fail-on inconclusive --json
  $ goodput compare reports/before reports/after --format github -o compare.md -o junit:results.xml

Exit codes:
  0    not worse, or --fail-on never
  99   worse; with --fail-on inconclusive also if there is not enough evidence
  98   a run is invalid: do not trust its numbers
  104  bad usage, or runs that cannot be compared`,
  run: async ({ words, flags, own }, io) =>
    (await import('../handlers/compare.ts')).compareCommand(words, own, flags, io),
};
