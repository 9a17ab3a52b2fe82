import type { CommandSpec } from '../options/command-spec.ts';

export const slurm: CommandSpec = {
  name: 'slurm',
  summary: 'print the Slurm batch script of a run with several ranks',
  description:
    'Prints a batch script that runs one rank on each node and merges their runs, to keep, edit and submit with sbatch (docs/scale.md).',
  argument: { form: '<scenario>', help: 'scenario file (YAML)', values: 'file' },
  own: [
    { name: 'nodes', value: 'N', help: 'number of nodes, each with one rank' },
    { name: 'name', value: 'NAME', help: 'name of the job (default: that of the scenario)' },
    { name: 'partition', value: 'NAME', help: 'partition of the nodes' },
    {
      name: 'time',
      value: 'TIME',
      help: 'time limit, as Slurm writes it (default: the length of the run and 15 minutes)',
    },
  ],
  shared: [],
  after: `The scenario is checked first. Keys come from the environment of sbatch.

Example:
  $ goodput slurm chat.yaml --nodes 8 --partition cpu > chat.sbatch
  $ sbatch chat.sbatch`,
  run: async ({ words: [scenario], own }, io) =>
    (await import('../handlers/slurm.ts')).slurmCommand(scenario!, own, io),
};
