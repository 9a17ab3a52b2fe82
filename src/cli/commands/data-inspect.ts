import type { CommandSpec } from '../options/command-spec.ts';
import { DATA_EXIT_CODES, DATA_FILES, READ_OPTIONS, SHARED_DATA_OPTIONS } from '../options/data-options.ts';

export const dataInspect: CommandSpec = {
  name: 'data inspect',
  summary: 'show what a data set contains',
  description:
    'Shows records, sessions and turns; input and output lengths and their correlation; languages, special tokens, outliers and duplicates; the prefix share that a cache could reuse; the arrivals of a trace; coverage and quality marks.',
  argument: DATA_FILES,
  own: [
    ...READ_OPTIONS,
    {
      name: 'tokenizer',
      value: 'FILE',
      help: 'tokenizer.json that counts texts; without one, words are counted',
      values: 'file',
    },
    {
      name: 'by',
      value: 'TAG',
      help: 'show lengths by the value of a tag (source, model, language, …)',
      values: { words: ['source', 'model', 'language'], open: true },
    },
  ],
  shared: SHARED_DATA_OPTIONS,
  after: `docs/data.md describes the formats and the figures.

Examples:
  $ goodput data inspect prompts.jsonl
  $ goodput data inspect "traces/*.csv.gz" --json
  $ goodput data inspect questions.parquet --columns prompt=question,reference=answer
  $ zstdcat chats.jsonl.zst | goodput data inspect - --tokenizer tokenizer.json

${DATA_EXIT_CODES}`,
  run: async ({ words, flags, own }, io) =>
    (await import('../handlers/data-inspect.ts')).dataInspectCommand(words, own, flags, io),
};
