import {
  ASK_OPTIONS,
  dataCommand,
  LENGTH_OPTIONS,
  profileOption,
  READ_OPTIONS,
  SHARED_ASK_OPTIONS,
  TOKENIZER_OPTION,
} from '../options/data-options.ts';

export const dataVerify = dataCommand({
  name: 'data verify',
  summary: 'check a data set against rules, a recorded workload or a judge',
  description:
    'Checks that every record can be read and sent, the share of duplicates, the coverage and the licence; with options also lengths, the length distributions of a recorded workload, and the scores of a model that judges the records.',
  own: [
    ...READ_OPTIONS,
    TOKENIZER_OPTION,
    ...LENGTH_OPTIONS,
    {
      name: 'max-duplicates',
      value: 'SHARE',
      help: 'largest share of exact and near duplicates',
      fallback: '5%',
    },
    {
      name: 'max-cell',
      value: 'SHARE',
      help: 'largest share of one cell of source, language and length',
      fallback: '50%',
    },
    { name: 'licence', value: 'TEXT', help: 'licence of sources without one in a manifest' },
    profileOption('recorded workload whose lengths the data set has to have'),
    { name: 'judge', value: null, help: 'have a model score each record from 1 to 5, twice' },
    { name: 'rubric', value: 'FILE', help: 'text with the criteria of the scores', values: 'file' },
    {
      name: 'scores',
      value: 'FILE',
      help: 'file of the scores, continued by a later call; default: the data set’s name and .scores.jsonl',
      values: 'file',
    },
    { name: 'min-score', value: 'N', help: 'least mean score (3)' },
    { name: 'min-kappa', value: 'N', help: 'least agreement of the two passes (Cohen’s kappa)' },
    ...ASK_OPTIONS,
  ],
  shared: SHARED_ASK_OPTIONS,
  failure: 'a rule failed',
  after: `docs/data.md describes the rules.

Examples:
  $ goodput data verify chats.jsonl --licence CC-BY-4.0
  $ goodput data verify chats.jsonl --max-context 8192 --tokenizer tokenizer.json --json
  $ goodput data verify trace.csv --profile azure-2023-conv --licence CC-BY-4.0
  $ goodput data verify chats.jsonl --judge --endpoint http://127.0.0.1:8000/v1 --min-score 4`,
  load: async () => (await import('../handlers/data-verify.ts')).dataVerifyCommand,
});
