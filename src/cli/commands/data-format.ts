import { dataCommand, READ_OPTIONS, WRITE_OPTIONS } from '../options/data-options.ts';

export const dataFormat = dataCommand({
  name: 'data format',
  summary: 'write a data set in another format, or as prompts of a chat template',
  description:
    'Writes data sets in another format. With --template it writes each turn as a prompt for the completions API, by the chat template of a model: the conversation up to there with the recorded answers.',
  own: [
    ...READ_OPTIONS,
    ...WRITE_OPTIONS,
    {
      name: 'template',
      value: 'FILE',
      help: 'tokenizer_config.json of a chat model, or a Jinja template (.jinja)',
      values: 'file',
    },
    {
      name: 'template-name',
      value: 'NAME',
      help: 'template to use, where there are several (default, tool_use)',
      values: { words: ['default', 'tool_use'], open: true },
    },
    { name: 'date', value: 'DATE', help: 'date for templates that write one (2025-07-26); default: today' },
    {
      name: 'tokenizer',
      value: 'FILE',
      help: 'tokenizer.json that counts the prompts',
      values: 'file',
    },
  ],
  after: `A template renders as in Python's transformers, with add_generation_prompt. docs/data.md describes it.

Examples:
  $ goodput data format chats.jsonl --to sharegpt -o sharegpt.json
  $ goodput data format chats.jsonl --template tokenizer_config.json -o prompts.jsonl
  $ goodput data format tools.jsonl --template tokenizer_config.json --template-name tool_use --tokenizer tokenizer.json -o prompts.jsonl`,
  load: async () => (await import('../handlers/data-format.ts')).dataFormatCommand,
});
