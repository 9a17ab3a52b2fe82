import {
  ASK_OPTIONS,
  dataCommand,
  OPTIONAL_DATA_FILES,
  profileOption,
  READ_OPTIONS,
  SHARED_ASK_OPTIONS,
  TOKENIZER_OPTION,
  WRITE_OPTIONS,
} from '../options/data-options.ts';

export const dataSynth = dataCommand({
  name: 'data synth',
  summary: 'make sessions: from a profile, a template, or other sessions',
  description:
    'Makes sessions in one of seven ways: with the lengths and starts of a recorded workload, from a template, by replacing words, with a fact hidden in a long text, or by asking an endpoint to paraphrase, translate or instruct. The same seed makes the same sessions, except where an endpoint is asked.',
  argument: OPTIONAL_DATA_FILES,
  own: [
    profileOption('with the lengths and starts of a recorded workload'),
    { name: 'text', value: null, help: 'with texts, instead of lengths only (--profile)' },
    {
      name: 'template',
      value: 'FILE',
      help: 'prompts from a text with places such as {{name}}',
      values: 'file',
    },
    { name: 'fields', value: 'FILE', help: 'values of the places (YAML or JSON)', values: 'file' },
    { name: 'perturb', value: 'SHARE', help: 'replace this share of the words of each session (1.5%)' },
    { name: 'long-context', value: 'TOKENS', help: 'hide a fact in a text of this length, and ask for it' },
    { name: 'depth', value: 'PERCENT,...', help: 'where the fact is (10,50,90)' },
    { name: 'paraphrase', value: 'N', help: 'ask for N paraphrases of each session' },
    { name: 'back-translate', value: 'LANG', help: 'ask for a translation, and for one back (de, German)' },
    { name: 'instruct', value: null, help: 'ask for an instruction about each document' },
    { name: 'count', value: 'N', help: 'sessions to make; with --perturb and an endpoint, at most' },
    { name: 'seed', value: 'N', help: 'seed of all draws', fallback: '1' },
    TOKENIZER_OPTION,
    ...READ_OPTIONS,
    ...WRITE_OPTIONS,
    ...ASK_OPTIONS,
  ],
  shared: SHARED_ASK_OPTIONS,
  after: `docs/data.md describes each way, and the fields of a template.

With an endpoint, the answers are kept in OUT.partial until the output is complete. After Ctrl-C, or a failure of the endpoint (exit code 1), the same command continues.

Examples:
  $ goodput data synth --profile azure-2023-conv --count 1000 -o chat.jsonl
  $ goodput data synth --template ticket.txt --fields ticket.yaml --count 200 -o tickets.jsonl
  $ goodput data synth chats.jsonl --perturb 1.5% -o changed.jsonl
  $ goodput data synth --long-context 32000 --depth 10,50,90 --count 30 -o needles.jsonl
  $ goodput data synth chats.jsonl --paraphrase 3 --endpoint http://127.0.0.1:8000/v1 -o more.jsonl`,
  load: async () => (await import('../handlers/data-synth.ts')).dataSynthCommand,
});
