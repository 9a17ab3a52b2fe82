import { dataCommand, READ_OPTIONS, WRITE_OPTIONS } from '../options/data-options.ts';

export const dataConvert = dataCommand({
  name: 'data convert',
  summary: 'write a data set in another format or container',
  description:
    'Reads data sets and writes them as one. The format goodput keeps everything; another format cannot have all sessions, and one that it cannot have is an error.',
  own: [...READ_OPTIONS, ...WRITE_OPTIONS],
  after: `The ending of the output decides its container and compression.

Examples:
  $ goodput data convert sharegpt.json -o chats.jsonl.zst
  $ goodput data convert chats.jsonl --to sharegpt -o sharegpt.json
  $ goodput data convert trace.csv --to mooncake -o trace.jsonl --licence CC-BY-4.0`,
  load: async () => (await import('../handlers/data-convert.ts')).dataConvertCommand,
});
