import { boolean, nullable, number, object, record } from '../document/definition.ts';
import type { Summary } from '../verdict/summary.ts';

type TruthAudit = NonNullable<Summary['truth']>;
type Errors = TruthAudit['errors']['sent'];
type Sums = TruthAudit['outcomes'][string];

const errors = (description: string) =>
  object<Errors>(
    {
      count: number('Number of instants.'),
      early: number('Instants that were recorded before they happened.'),
      min: nullable(number('Smallest error, in milliseconds.')),
      p50: nullable(number('Median error, in milliseconds.')),
      p99: nullable(number('99th percentile of the errors, in milliseconds.')),
      max: nullable(number('Largest error, in milliseconds.')),
    },
    description,
  );

const sums = (description: string) =>
  object<Sums>(
    { measured: number('The sum as measured.'), truth: number('The sum in the truth log.') },
    description,
  );

/** A run of the simulated endpoint compared with the truth log of the endpoint. */
export const TRUTH_AUDIT = object<TruthAudit>(
  {
    matched: number('Requests that the samples and the truth log have.'),
    samples_alone: number('Requests that only the samples have.'),
    truth_alone: number('Requests that only the truth log has.'),
    whole: boolean('The truth log was closed.'),
    errors: object<TruthAudit['errors']>(
      {
        sent: errors('From the send as recorded to the arrival at the server.'),
        headers: errors('From the write of the headers by the server to the recorded instant.'),
        events: errors('From the write of an event by the server to the recorded instant.'),
        written: errors('From the instant of the engine to the write by the server.'),
      },
      'Errors of recorded instants.',
    ),
    counts: object<TruthAudit['counts']>(
      {
        input_tokens: sums('Input tokens.'),
        cached_tokens: sums('Cached input tokens.'),
        output_tokens: sums('Output tokens.'),
        events: sums('Output events.'),
        preemptions: sums('Preemptions: the sum over requests, and the count of the engine.'),
      },
      'Sums over completed responses.',
    ),
    outcomes: record(sums('Requests.'), 'Outcome → number of requests.'),
    agrees: boolean('All counts and outcomes are equal, and no instant was recorded early.'),
  },
  'Only with --audit-truth.',
);
