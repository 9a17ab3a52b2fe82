import { accelerators } from '../../machine/accelerators.ts';
import type { CommandSpec } from '../options/command-spec.ts';

export const hardware: CommandSpec = {
  name: 'hardware',
  summary: 'list accelerators with their peaks, memory and sources',
  description:
    'Lists the catalogue of accelerators, or shows one: dense peaks by precision, bandwidth, memory, power, the ridge of its roofline, and where each figure comes from.',
  argument: {
    form: '[name]',
    help: 'accelerator to show, such as h100-sxm',
    values: { words: accelerators().map(({ id }) => id) },
  },
  own: [
    { name: 'roofline', value: null, help: 'draw the roofline of the accelerator' },
    { name: 'json', value: null, help: 'print one JSON document' },
  ],
  shared: [],
  after: `Examples:
  $ goodput hardware
  $ goodput hardware h100-sxm --roofline
  $ goodput hardware mi300x --json`,
  run: async ({ words: [name], own }, io) =>
    (await import('../handlers/hardware.ts')).hardwareCommand(name, own, io),
};
