import { dataCommand, READ_OPTIONS, WRITE_OPTIONS } from '../options/data-options.ts';

export const dataDedupe = dataCommand({
  name: 'data dedupe',
  summary: 'find and remove duplicates',
  description:
    'Finds records, paragraphs or sentences that appeared earlier, and with --output writes the data set without them. The first of each group is kept. --level prefix groups records with a shared beginning, and removes nothing.',
  own: [
    ...READ_OPTIONS,
    ...WRITE_OPTIONS,
    {
      name: 'level',
      value: 'LEVEL',
      help: 'what is compared: document, paragraph, sentence, prefix',
      fallback: 'document',
      values: { words: ['document', 'paragraph', 'sentence', 'prefix'] },
    },
    {
      name: 'method',
      value: 'METHOD',
      help: 'exact, minhash, simhash, bloom',
      fallback: 'exact',
      values: { words: ['exact', 'minhash', 'simhash', 'bloom'] },
    },
    { name: 'threshold', value: 'INDEX', help: 'least Jaccard index of near duplicates (minhash; 0.8)' },
    { name: 'blocks', value: 'N', help: 'blocks of 16 tokens that a prefix group shares (1)' },
    { name: 'expected', value: 'N', help: 'records or units that a Bloom filter is made for (1000000)' },
    { name: 'false-positives', value: 'SHARE', help: 'rate of false positives of a Bloom filter (1%)' },
  ],
  after: `Texts are compared without case, and with equal white space. minhash finds texts whose sets of five-word shingles are alike; simhash is coarser and needs less memory; bloom is exact in bounded memory, except for its false positives.

Examples:
  $ goodput data dedupe chats.jsonl -o unique.jsonl
  $ goodput data dedupe chats.json --method minhash --threshold 0.7 -o unique.jsonl.gz
  $ goodput data dedupe "crawl-*.jsonl.zst" --method bloom --expected 5000000 -o unique.jsonl.zst
  $ goodput data dedupe prompts.jsonl --level prefix --blocks 4 --json`,
  load: async () => (await import('../handlers/data-dedupe.ts')).dataDedupeCommand,
});
