import type { CommandSpec } from '../options/command-spec.ts';
import {
  DATA_EXIT_CODES,
  DATA_FILES,
  READ_OPTIONS,
  SHARED_DATA_OPTIONS,
  WRITE_OPTIONS,
} from '../options/data-options.ts';

export const dataSample: CommandSpec = {
  name: 'data sample',
  summary: 'draw sessions at random',
  description:
    'Draws sessions without replacement, each with the same probability, and writes them in the order of the file. The same seed draws the same sessions.',
  argument: DATA_FILES,
  own: [
    ...READ_OPTIONS,
    ...WRITE_OPTIONS,
    { name: 'count', value: 'N', help: 'sessions to draw' },
    {
      name: 'by',
      value: 'TAG',
      help: 'draw from each value of a tag (source, model, language, …) in proportion to its sessions',
      values: { words: ['source', 'model', 'language'], open: true },
    },
    { name: 'seed', value: 'N', help: 'seed of the draw', fallback: '1' },
  ],
  shared: SHARED_DATA_OPTIONS,
  after: `Examples:
  $ goodput data sample chats.jsonl --count 1000 -o sample.jsonl
  $ goodput data sample "sources/*.jsonl" --count 500 --by source --seed 7 -o sample.jsonl

${DATA_EXIT_CODES}`,
  run: async ({ words, flags, own }, io) =>
    (await import('../handlers/data-sample.ts')).dataSampleCommand(words, own, flags, io),
};
