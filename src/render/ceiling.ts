import { significant } from '../numbers.ts';
import type { Ceiling } from '../calibrate/ceiling.ts';
import { entry } from './layout/layout.ts';
import { wrap } from './layout/wrap.ts';
import { openPage, type Style } from './layout/style.ts';

const shown = (value: number | null, unit: string, atLeast?: true): string =>
  value === null
    ? 'not found in time'
    : `${atLeast === true ? 'at least ' : ''}${significant(value)} ${unit}`;

/** Returns the result of `goodput calibrate` as text. */
export function renderCeiling(ceiling: Ceiling, style: Style): string {
  const { machine, requests, events, paced, streams, stamps } = ceiling;
  const lag =
    requests.send_lag_p99_ms === null ? '' : ` (send lag p99 ${significant(requests.send_lag_p99_ms)} ms)`;
  const bound = streams.held === streams.most ? ' (no more were tried)' : '';
  const more = [requests, paced, streams].some(({ at_least: atLeast }) => atLeast === true);
  const longer = more ? ' "At least": the time ran out first; a longer --duration finds the ceiling.' : '';
  const page = openPage(style);
  const title = `Most load that this machine can generate and measure: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`;
  const rows: [string, string][] = [
    ['Requests', `${shown(requests.per_s, 'requests/s', requests.at_least)}${lag}`],
    [
      'Events',
      `${shown(paced.per_s, 'events/s stamped in time', paced.at_least)} (50/s in each stream); without pauses ${shown(events.per_s, 'events/s')}, ${shown(events.cpu_us, 'µs')} of CPU time each`,
    ],
    ['Streams', `${shown(streams.held, 'open at once', streams.at_least)}${bound}`],
    [
      'Stamps',
      `${shown(stamps.error_p50_us, 'µs')} after the write (p50), ${shown(stamps.error_p99_us, 'µs')} (p99), of ${stamps.count} events`,
    ],
  ];
  const note = `One load worker, everything on this machine. goodput run warns above half of these.${longer}`;
  return [
    ...wrap(title, page.width),
    '',
    ...rows.flatMap(([label, text]) => entry(label, text, page)),
    '',
    ...wrap(note, page.width),
    '',
  ].join('\n');
}
