import { dataCommand, OPTIONAL_DATA_FILES, READ_OPTIONS } from '../options/data-options.ts';

export const dataSize = dataCommand({
  name: 'data size',
  summary: 'show how many records are needed',
  description:
    'Shows how many records a quantile needs for its rank to be within an error, and the fewest for any upper bound. With files it also shows the quantile of their lengths at 25, 50 and 100% of the sessions.',
  argument: OPTIONAL_DATA_FILES,
  own: [
    ...READ_OPTIONS,
    { name: 'quantile', value: 'P', help: 'the quantile: 0.99, 99%, p99', fallback: '0.99' },
    {
      name: 'error',
      value: 'SHARE',
      help: 'largest error of the rank of the quantile: 0.0025, 0.25%',
      fallback: '0.0025',
    },
    {
      name: 'confidence',
      value: 'SHARE',
      help: 'confidence of the number of records and of the bound',
      fallback: '95%',
    },
  ],
  after: `Examples:
  $ goodput data size --quantile p99 --error 0.25%
  $ goodput data size chats.jsonl --quantile p95 --json`,
  load: async () => (await import('../handlers/data-size.ts')).dataSizeCommand,
});
