import type { CommandSpec } from '../options/command-spec.ts';

export const report: CommandSpec = {
  name: 'report',
  summary: 'show recorded runs again',
  description:
    'Computes the report again from run.json and samples.jsonl. For a folder of rounds, a sweep or a capacity search it reports every run, and the page (html) shows them together; among several paths it skips those that are not runs. --slo and --gate replace the limits and gates of the run, --hardware, --model-config and --price what the run states about its endpoint.',
  argument: { form: '<run...>', help: 'run folders, or folders of several runs', values: 'folder' },
  own: [
    {
      name: 'by',
      value: 'KEY',
      help: 'figures of each group of requests, by this key or tag',
    },
  ],
  shared: [
    'slo',
    'slo-preset',
    'gate',
    'slo-grid',
    'hardware',
    'model-config',
    'price',
    'format',
    'output',
    'events',
    'push-otlp',
    'audit-truth',
    'json',
    'no-color',
    'quiet',
    'plots',
    'strict',
  ],
  after: `Examples:
  $ goodput report reports/chat-20260101T120000Z
  $ goodput report reports/chat-20260101T120000Z --slo "ttft<=500ms" --gate "attainment>=95%"
  $ goodput report reports/candidate --slo-grid "ttft=100ms..1s,tpot=20ms..200ms"
  $ goodput report reports/candidate --hardware h100-sxm:2,pricePerHour=2.49 --model-config config.json
  $ goodput report reports/candidate --by turn
  $ goodput report reports/candidate --by source -o sources.csv
  $ goodput report reports/candidate --gate "ttft p95 by turn=1 <= 300ms"
  $ goodput report reports/candidate --format markdown >> "$GITHUB_STEP_SUMMARY"
  $ goodput report reports/candidate -o page.html
  $ goodput report reports/* -o runs.csv -o runs.prom
  $ goodput report reports/* -o requests.parquet --events

KEY is turn, model, source, language, input_tokens, output_tokens (both in
ranges between powers of two) or any other tag that requests have.

Exits with 0 if it could read the run; with --slo or --gate: 0, 98 or 99.`,
  run: async ({ words, flags, own }, io) =>
    (await import('../handlers/report.ts')).reportCommand(words, { by: own['by'] }, flags, io),
};
