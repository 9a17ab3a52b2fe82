import type { CommandSpec } from '../options/command-spec.ts';

export const init: CommandSpec = {
  name: 'init',
  summary: 'write a commented scenario file',
  description: 'Writes a scenario file to start from, with a comment for every choice.',
  argument: { form: '[file]', help: 'file to write', fallback: 'goodput.yaml', values: 'file' },
  own: [
    { name: 'url', value: 'URL', help: 'base URL of the endpoint, for the file' },
    { name: 'force', value: null, help: 'overwrite an existing file' },
  ],
  shared: [],
  after: `Example:
  $ goodput init chat.yaml --url http://127.0.0.1:8000/v1`,
  run: async ({ words: [file], own }, io) =>
    (await import('../handlers/init.ts')).initCommand(file!, own, io),
};
