import { byOption, dataCommand, READ_OPTIONS, TOKENIZER_OPTION } from '../options/data-options.ts';

export const dataInspect = dataCommand({
  name: 'data inspect',
  summary: 'show what a data set contains',
  description:
    'Shows records, sessions and turns; input and output lengths and their correlation; languages, special and frequent tokens, tasks, outliers and duplicates; the prefix share that a cache could reuse; the arrivals of a trace; coverage and quality marks.',
  own: [
    ...READ_OPTIONS,
    TOKENIZER_OPTION,
    byOption('show lengths by the value of a tag (source, model, language, …)'),
  ],
  shared: ['output', 'json', 'no-color', 'quiet'],
  after: `docs/data.md describes the formats and the figures.

Examples:
  $ goodput data inspect prompts.jsonl
  $ goodput data inspect prompts.jsonl -o prompts.html
  $ goodput data inspect "traces/*.csv.gz" --json
  $ goodput data inspect questions.parquet --columns prompt=question,reference=answer
  $ zstdcat chats.jsonl.zst | goodput data inspect - --tokenizer tokenizer.json`,
  load: async () => (await import('../handlers/data-inspect.ts')).dataInspectCommand,
});
