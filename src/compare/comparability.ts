import { GoodputError } from '../errors.ts';
import type { RecordedData, RunHeader } from '../record/header.ts';
import { loadText } from '../load-text.ts';
import type { ComparedRun, Sides } from './compared-run.ts';
import { disagreement, ofMeasured, trait, type Trait } from './trait.ts';

/** Traits in which runs must agree: otherwise no figure can be compared. */
const MUST_AGREE: readonly Trait[] = [
  trait(
    'simulated against real',
    ({ header }) => header.endpoint.simulated,
    ({ header }) => (header.endpoint.simulated ? 'simulated' : 'a real endpoint'),
  ),
  {
    ...trait(
      'load',
      ({ header }) => loadOf(header.load),
      ({ header }) => loadText(header.load),
    ),
    isUnknownIn: ({ header: { load } }) =>
      load.concurrency === null && load.rate_rps === null && load.stages === undefined,
  },
  // In closed loop latencies always start at the send.
  trait('clock of latencies', ({ header: { load } }) => (load.loop === 'closed' ? 'sent' : load.clock)),
  ...[
    trait(
      'input',
      ({ scenario: { workload } }) => workload.input,
      ({ scenario: { workload } }) => lengthText(workload.input),
    ),
    trait(
      'output',
      ({ scenario: { workload } }) => workload.output,
      ({ scenario: { workload } }) => lengthText(workload.output),
    ),
    trait('exact output', ({ scenario }) => scenario.workload.exactOutput),
    trait(
      'shared prefix',
      ({ scenario }) => scenario.workload.prefix,
      ({ scenario }) => JSON.stringify(scenario.workload.prefix ?? 'none'),
    ),
    trait(
      'sessions',
      ({ scenario }) => scenario.workload.sessions,
      ({ scenario }) => JSON.stringify(scenario.workload.sessions ?? 'none'),
    ),
    trait(
      'input from',
      ({ scenario }) => scenario.workload.data !== null,
      ({ scenario }) => (scenario.workload.data === null ? 'synthetic texts' : 'a data set'),
    ),
  ].map(ofMeasured),
  {
    ...trait(
      'data set',
      ({ header }) => header.data?.files.map(({ sha256 }) => sha256),
      ({ header }) => (header.data?.files ?? []).map(digestText).join(' and '),
    ),
    // Earlier versions did not record the data.
    isUnknownIn: ({ header }) => header.data === undefined,
  },
  {
    ...trait(
      'choice of sessions',
      ({ header: { data } }) => data && [data.order, data.take, data.replacement, data.cycle, data.history],
      ({ header: { data } }) => choiceText(data!),
    ),
    isUnknownIn: ({ header }) => header.data === undefined,
  },
];

const digestText = ({ path, sha256 }: RecordedData['files'][number]): string =>
  `${path} (SHA-256 ${sha256.slice(0, 12)}…)`;

const choiceText = ({ order, take, replacement, cycle, history }: RecordedData): string =>
  [
    `order ${order}`,
    ...(take === null ? [] : [`take ${take}`]),
    ...(replacement ? ['with replacement'] : []),
    ...(cycle ? [] : ['without cycle']),
    `history ${history}`,
  ].join(', ');

/** Returns the load of a run; the seed decides the rest of a plan. */
const loadOf = (load: RunHeader['load']): unknown => [
  load.concurrency === null ? [load.arrivals, load.burstiness] : null,
  load.rate_rps,
  load.stages,
  load.trace && [load.trace.speed, load.trace.from_s, load.trace.tick_ms],
  load.concurrency,
  load.max_concurrency,
];

const lengthText = (length: unknown): string => JSON.stringify(length);

/**
 * Refuses runs that cannot be compared. Plans may differ only in the seed.
 * @throws {GoodputError} of kind `usage` with every reason
 */
export function assertComparable({ base, new: next }: Sides): void {
  const [first, ...others] = [...base, ...next] as [ComparedRun, ...ComparedRun[]];
  const reasons = new Set<string>();
  for (const trait of MUST_AGREE) {
    const found = others.map((run) => disagreement(trait, first, run)).find((text) => text !== null);
    if (found !== undefined) reasons.add(found);
  }
  for (const run of [first, ...others])
    if (run.report.counts.cohort === 0)
      reasons.add(`${run.dir} has no request to compare: no request started in its window`);
  if (reasons.size === 0) return;
  throw new GoodputError(
    'usage',
    `these runs cannot be compared\n${[...reasons].map((reason) => `  ${reason}`).join('\n')}`,
    { hint: 'Measure both with one scenario. Only the endpoint and the seed may differ.' },
  );
}
