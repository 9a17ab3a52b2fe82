import type { CommandSpec } from '../options/command-spec.ts';

export const view: CommandSpec = {
  name: 'view',
  summary: 'show recorded runs in a browser',
  description:
    'Serves a page on 127.0.0.1 that lists the runs below a folder: filter and sort them, open one, compare two, or draw the runs of one scenario over time. A run that is being recorded updates every second. Nothing is written, and only this machine can connect. The address is printed on stdout.',
  argument: {
    form: '[folder]',
    help: 'folder that holds run folders',
    fallback: 'reports',
    values: 'folder',
  },
  own: [{ name: 'port', value: 'N', help: 'port to listen on (0 picks a free one)', fallback: '0' }],
  shared: [],
  after: `Examples:
  $ goodput view
  $ goodput view ci-reports --port 8080

Press Ctrl-C to stop. Exits with 0 after a signal, 104 if the folder cannot be read or the port cannot be used.`,
  run: async ({ words: [folder = 'reports'], own }, io) =>
    (await import('../handlers/view.ts')).viewCommand(folder, own, io),
};
