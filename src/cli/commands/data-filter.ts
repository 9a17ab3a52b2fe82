import {
  dataCommand,
  LENGTH_OPTIONS,
  READ_OPTIONS,
  TOKENIZER_OPTION,
  WRITE_OPTIONS,
} from '../options/data-options.ts';

export const dataFilter = dataCommand({
  name: 'data filter',
  summary: 'remove or repair sessions by rules',
  description:
    'Removes the sessions that a rule matches, and repairs the texts of the others. The report and the manifest have the number of sessions of each rule, with three examples.',
  own: [
    ...READ_OPTIONS,
    ...WRITE_OPTIONS,
    TOKENIZER_OPTION,
    ...LENGTH_OPTIONS,
    { name: 'language', value: 'CODE,...', help: 'languages to keep (en,de)' },
    { name: 'match', value: 'REGEX', help: 'keep sessions with a text that matches' },
    { name: 'no-match', value: 'REGEX', help: 'remove sessions with a text that matches' },
    { name: 'where', value: 'TAG=VALUE', help: 'keep sessions with this value of a tag' },
    { name: 'drop-outliers', value: null, help: 'remove sessions with an unusually short or long input' },
    {
      name: 'drop',
      value: 'DEFECT,...',
      help: 'remove sessions with a defect: broken-unicode, html, special-tokens, repetitive, copies-input, empty, pii',
      values: {
        words: ['broken-unicode', 'html', 'special-tokens', 'repetitive', 'copies-input', 'empty', 'pii'],
        open: true,
      },
    },
    {
      name: 'clean',
      value: 'REPAIR,...',
      help: 'repair texts first: html, whitespace, pii',
      values: { words: ['html', 'whitespace', 'pii'], open: true },
    },
  ],
  after: `docs/data.md describes the rules.

Examples:
  $ goodput data filter chats.jsonl --language en --max-context 8192 -o english.jsonl
  $ goodput data filter chats.jsonl --drop empty,special-tokens,repetitive --drop-outliers -o good.jsonl
  $ goodput data filter pages.jsonl --clean html,whitespace,pii --min-tokens 20 -o clean.jsonl.zst`,
  load: async () => (await import('../handlers/data-filter.ts')).dataFilterCommand,
});
