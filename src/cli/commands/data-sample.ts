import { byOption, dataCommand, READ_OPTIONS, WRITE_OPTIONS } from '../options/data-options.ts';

export const dataSample = dataCommand({
  name: 'data sample',
  summary: 'draw sessions at random',
  description:
    'Draws sessions without replacement, each with the same probability, and writes them in the order of the file. The same seed draws the same sessions.',
  own: [
    ...READ_OPTIONS,
    ...WRITE_OPTIONS,
    { name: 'count', value: 'N', help: 'sessions to draw' },
    byOption('draw from each value of a tag (source, model, language, …) in proportion to its sessions'),
    { name: 'seed', value: 'N', help: 'seed of the draw', fallback: '1' },
  ],
  after: `Examples:
  $ goodput data sample chats.jsonl --count 1000 -o sample.jsonl
  $ goodput data sample "sources/*.jsonl" --count 500 --by source --seed 7 -o sample.jsonl`,
  load: async () => (await import('../handlers/data-sample.ts')).dataSampleCommand,
});
