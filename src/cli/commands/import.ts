import { KNOWN_TOOL_NAMES, KNOWN_TOOLS } from '../../importers/known-tools.ts';
import type { CommandSpec } from '../options/command-spec.ts';

const nameWidth = Math.max(...KNOWN_TOOL_NAMES.map((name) => name.length));

export const importCommand: CommandSpec = {
  name: 'import',
  summary: 'make a run folder from the files of another tool',
  description:
    'Makes a run folder from what another tool recorded of each request, so that report, compare and all formats work on it by the definitions of goodput. What the files do not hold is never made up: a figure that needs it is –, with the reason.',
  argument: {
    form: '<tool> <file...>',
    help: [KNOWN_TOOL_NAMES.join(', '), 'files that it wrote with single requests'],
    values: 'file',
  },
  own: [
    {
      name: 'out',
      short: 'o',
      value: 'DIR',
      help: 'the run folder to write (default: reports/<tool>-<time>)',
      values: 'folder',
    },
  ],
  shared: ['slo', 'slo-preset', 'gate', 'format', 'json', 'no-color', 'strict'],
  after: `Files with single requests are written by:
${Object.values(KNOWN_TOOLS)
  .map(({ name, writtenBy }) => `  ${name.padEnd(nameWidth)}  ${writtenBy}`)
  .join('\n')}

Examples:
  $ goodput import vllm result.json -o reports/vllm --slo "ttft<=500ms,tpot<=50ms" --gate "attainment>=95%"
  $ goodput import aiperf artifacts/profile_export.jsonl -o reports/aiperf
  $ goodput compare reports/vllm reports/candidate

Exits with 0 if it could import the files; with --slo or --gate: 0, 98 or 99.`,
  run: async ({ words, flags, own }, io) =>
    (await import('../handlers/import.ts')).importFiles(words, flags, own, io),
};
