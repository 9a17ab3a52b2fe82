import { shareText } from './exact-share.ts';
import { type CellRow, LOADS } from './steady-cells.ts';
import { QUEUE_LENGTHS, QUEUE_LOADS, QUEUE_RUNS, QUEUES, type QueueRow } from './steady-queues.ts';

const STATES = ['steady', 'filling', 'overloaded', 'drifting', null] as const;

/** Classes by the share of the requests in flight that W lacks on average: filling windows and others. */
const TRUTHS: readonly (readonly [string, (missing: number) => boolean])[] = [
  ['filling: 20% or more missing', (missing) => missing >= 0.2],
  ['between', (missing) => missing < 0.2 && missing > 0.07],
  ['full: 7% or less missing', (missing) => missing <= 0.07],
];

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const shares = (rows: readonly CellRow[]): string[] => [
  String(rows.length),
  ...STATES.map((state) => shareText(rows.filter((row) => row.state === state).length, rows.length)),
];

const HEAD = ['runs', ...STATES.map((state) => state ?? 'no answer')];

/** Returns the tables as Markdown. */
export function steadyReport(rows: readonly CellRow[]): string {
  const byLoad = LOADS.map((load) => [`${load} ×`].concat(shares(rows.filter((row) => row.load === load))));
  const high = rows.filter(({ load }) => load >= 1.5);
  const byTruth = TRUTHS.map(([name, holds]) =>
    [name].concat(shares(rows.filter(({ missing }) => missing !== null && holds(missing)))),
  );
  const advised = rows.filter(({ state, load }) => state === 'filling' && load <= 0.75);
  const windows = [30, 60, 120, 300].map((window_s) =>
    [`${window_s} s`].concat(shares(high.filter((row) => row.window_s === window_s))),
  );
  return [
    table(['offered, in capacities', ...HEAD], byLoad),
    table(['window, at 1.5 × and more', ...HEAD], [...windows, ['all', ...shares(high)]]),
    table(['at 0.5 × and 0.75 ×', ...HEAD], byTruth),
    `Of the ${advised.length} runs at 0.5 × and 0.75 × that were called filling, ${shareText(
      advised.filter(({ advised: state }) => state !== 'filling' && state !== 'overloaded').length,
      advised.length,
    )} % are not with the advised warm-up.`,
  ].join('\n\n');
}

/** Returns the percentage of a queue's runs that were classified as overloaded, by the requests of W. */
export function queueReport(rows: readonly QueueRow[]): string {
  const head = ['called overloaded, by load', ...QUEUE_LOADS.map(String)];
  const lines = QUEUES.flatMap(({ name }) =>
    QUEUE_LENGTHS.map((requests) =>
      [`${name}, ${requests} requests`].concat(
        QUEUE_LOADS.map((load) => {
          const row = rows.find(
            (each) => each.queue === name && each.load === load && each.requests === requests,
          );
          return row === undefined ? '–' : shareText(row.states.overloaded ?? 0, QUEUE_RUNS);
        }),
      ),
    ),
  );
  return table(head, lines);
}
