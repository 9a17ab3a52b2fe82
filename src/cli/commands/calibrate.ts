import type { CommandSpec } from '../options/command-spec.ts';

export const calibrate: CommandSpec = {
  name: 'calibrate',
  summary: 'measure the limits of this machine',
  description:
    'Measures goodput itself against an endpoint that only answers: requests per second that are sent in time, events per second and their CPU time, open streams, and how late an event is timestamped. `run` then warns if a scenario needs more than half of a limit.',
  argument: null,
  own: [
    { name: 'duration', value: 'TIME', help: 'time to spend (60s)', fallback: '30s' },
    { name: 'json', value: null, help: 'print one JSON document' },
    { name: 'quiet', value: null, help: 'no progress on stderr' },
  ],
  shared: [],
  after: `The result is stored for this machine in ~/.cache/goodput/calibration.json (or under XDG_CACHE_HOME or GOODPUT_CACHE_DIR). Run it on an idle machine: other programs lower the result.

Example:
  $ goodput calibrate --duration 60s`,
  run: async ({ own }, io) =>
    (await import('../handlers/calibrate.ts')).calibrateCommand(
      own as { duration: string; json?: true; quiet?: true },
      io,
    ),
};
