import type { CommandSpec } from '../options/command-spec.ts';
import {
  DATA_EXIT_CODES,
  DATA_FILES,
  READ_OPTIONS,
  SHARED_DATA_OPTIONS,
  WRITE_OPTIONS,
} from '../options/data-options.ts';

export const dataConvert: CommandSpec = {
  name: 'data convert',
  summary: 'write a data set in another format or container',
  description:
    'Reads data sets and writes them as one. The format goodput keeps everything; another format cannot have all sessions, and one that it cannot have is an error.',
  argument: DATA_FILES,
  own: [...READ_OPTIONS, ...WRITE_OPTIONS],
  shared: SHARED_DATA_OPTIONS,
  after: `The ending of the output decides its container and compression.

Examples:
  $ goodput data convert sharegpt.json -o chats.jsonl.zst
  $ goodput data convert chats.jsonl --to sharegpt -o sharegpt.json
  $ goodput data convert trace.csv --to mooncake -o trace.jsonl --licence CC-BY-4.0

${DATA_EXIT_CODES}`,
  run: async ({ words, flags, own }, io) =>
    (await import('../handlers/data-convert.ts')).dataConvertCommand(words, own, flags, io),
};
