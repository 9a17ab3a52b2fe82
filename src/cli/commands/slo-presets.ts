import type { CommandSpec } from '../options/command-spec.ts';
import { SLO_PRESET_NAMES } from '../../slo/slo-presets.ts';

export const sloPresets: CommandSpec = {
  name: 'slo-presets',
  summary: 'list published SLO limits, with their sources',
  description:
    'Lists the names for --slo-preset and `slo: { preset: NAME }`, their limits, how their authors judge a run, and the sources.',
  argument: {
    form: '[words...]',
    help: 'only names that contain all of these words',
    values: { words: SLO_PRESET_NAMES },
  },
  own: [{ name: 'json', value: null, help: 'print one JSON document' }],
  shared: [],
  after: `Examples:
  $ goodput slo-presets
  $ goodput slo-presets mlperf llama3.1
  $ goodput run --url http://127.0.0.1:8000/v1 --rate 5/s --slo-preset mlperf/llama3.1-8b/interactive`,
  run: async ({ words, own }, io) =>
    (await import('../handlers/slo-presets.ts')).sloPresetsCommand(words, own, io),
};
