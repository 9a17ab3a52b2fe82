import type { CommandSpec } from '../options/command-spec.ts';

export const completion: CommandSpec = {
  name: 'completion',
  summary: 'print a completion script',
  description: 'Prints a script with which a shell completes commands, options, files and values.',
  argument: { form: '<shell>', help: 'bash, zsh or fish', values: { words: ['bash', 'zsh', 'fish'] } },
  own: [],
  shared: [],
  after: `Example:
  $ source <(goodput completion bash)`,
  run: async ({ words: [shell], commands }, io) =>
    (await import('../handlers/completion.ts')).completionCommand(shell!, commands, io),
};
