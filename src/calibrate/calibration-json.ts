import {
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  whole,
  withDefault,
} from '../document/definition.ts';
import type { Ceiling, Machine } from './ceiling.ts';

/** `calibration.json`: the ceilings of the machines that share a home folder. */
export interface Calibration {
  schemaVersion: 1;
  machines: Record<string, Ceiling>;
}

const measured = (description: string) => nullable(number(description));
const AT_LEAST = optional(oneOf([true], 'The time ran out before a trial failed.'));

const CEILING = object<Ceiling>(
  {
    measured: string('When it was measured, ISO 8601.'),
    machine: object<Machine>(
      { cpu: string('Processor.'), cores: whole('Its cores.'), node: string('Version of Node.') },
      'The machine.',
    ),
    requests: object<Ceiling['requests']>(
      {
        per_s: measured('Requests per second.'),
        send_lag_p99_ms: measured('Send lag at this rate, in milliseconds.'),
        at_least: AT_LEAST,
      },
      'The highest rate.',
    ),
    events: object<Ceiling['events']>(
      { per_s: measured('Events per second.'), cpu_us: measured('CPU time of one, in microseconds.') },
      'Events without pauses.',
    ),
    paced: withDefault(
      object<Ceiling['paced']>(
        {
          per_s: measured('Events per second.'),
          error_p99_us: measured(
            '99th percentile of the errors of timestamps at this rate, in microseconds.',
          ),
          at_least: AT_LEAST,
        },
        'The highest rate of events with timestamps in time.',
      ),
      { per_s: null, error_p99_us: null },
    ),
    streams: object<Ceiling['streams']>(
      { held: measured('Open streams.'), most: number('Where the search ends.'), at_least: AT_LEAST },
      'Streams open at once.',
    ),
    stamps: object<Ceiling['stamps']>(
      {
        count: whole('Events.'),
        error_p50_us: measured('Median error, in microseconds.'),
        error_p99_us: measured('99th percentile, in microseconds.'),
      },
      'Errors of timestamps.',
    ),
  },
  'The limits of a machine.',
);

export const CALIBRATION = object<Calibration>(
  {
    schemaVersion: oneOf([1], 'Version of this document.'),
    machines: record(CEILING, 'Machine → its limits.'),
  },
  'calibration.json of goodput calibrate.',
);
