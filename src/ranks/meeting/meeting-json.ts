import { decode } from '../../document/decode.ts';
import {
  type Definition,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  whole,
} from '../../document/definition.ts';
import type { Arrival } from './meeting.ts';

/** An instant by the clocks of a host. */
export interface Instant {
  epoch_ms: number;
  /** Nanoseconds, in digits. */
  monotonic_ns: string;
  boot: string | null;
}

/** `ready-r`: a rank that waits in a folder. */
export interface Ready extends Arrival {
  of: number;
  at: Instant;
}

/** `start.json`: the one decision of a meeting in a folder. Whoever creates the file has decided. */
export interface Decision {
  /** The runs of the ranks that take part, in their order; absent if none starts. */
  ids?: readonly string[];
  /** The start, and when it was written. */
  start?: { at: Instant; written: Instant };
  /** For each rank, the greatest known lower bound of its wall clock minus that of rank 0. */
  ahead_ms?: readonly (number | null)[];
  /** Why no rank starts. */
  refused?: string;
}

/** The answer of rank 0 to a rank that asks whether to start. */
export type Answer =
  | { kind: 'waiting'; missing: number[] }
  /** `origin_ns`: on the monotonic clock of rank 0, in digits. */
  | { kind: 'start'; origin_ns: string; boot: string | null }
  | { kind: 'refused'; why: string };

/** The timestamps of rank 0 in an exchange. */
export interface ClockReply {
  received_ns: string;
  epoch_ms: number;
  sent_ns: string;
}

const nanoseconds = string('Monotonic clock, in nanoseconds.', {
  regexp: /^-?\d{1,20}$/,
  expected: 'a whole number in digits',
});
/** The range of dates in JavaScript. */
const epoch_ms = number('Wall clock, in milliseconds since 1970.', { min: -8.64e15, max: 8.64e15 });
const boot = nullable(string('Identifies the host since it was started.'));

const INSTANT = object<Instant>({ epoch_ms, monotonic_ns: nanoseconds, boot }, 'An instant.');

export const READY = object<Ready>(
  {
    id: string('Identifies the run.'),
    parts: record(string('Digest.'), 'Part of the plan → its digest.'),
    of: whole('Number of ranks.'),
    at: INSTANT,
  },
  'A rank that is ready.',
);

export const DECISION = object<Decision>(
  {
    ids: optional(list(string('Run.'), 'Runs of the ranks, in their order.')),
    start: optional(object<NonNullable<Decision['start']>>({ at: INSTANT, written: INSTANT }, 'The start.')),
    ahead_ms: optional(
      list(nullable(number('Milliseconds.', { min: -8.64e15, max: 8.64e15 })), 'Bound of each wall clock.'),
    ),
    refused: optional(string('Why no rank starts.')),
  },
  'The decision of a meeting.',
);

export const CLOCK_REPLY = object<ClockReply>(
  { received_ns: nanoseconds, epoch_ms, sent_ns: nanoseconds },
  'Timestamps of rank 0.',
);

type Kind = Answer['kind'];
type Of<K extends Kind> = Extract<Answer, { kind: K }>;

const KIND = object<{ kind: Kind }>(
  { kind: oneOf(['waiting', 'start', 'refused'], 'Kind of the answer.') },
  'An answer.',
);

const ANSWERS: { [K in Kind]: Definition<Of<K>> } = {
  waiting: object<Of<'waiting'>>(
    { kind: oneOf(['waiting'], 'Kind.'), missing: list(whole('Rank.'), 'Ranks that are not there.') },
    'Not all ranks are there.',
  ),
  start: object<Of<'start'>>(
    { kind: oneOf(['start'], 'Kind.'), origin_ns: nanoseconds, boot },
    'All ranks start.',
  ),
  refused: object<Of<'refused'>>(
    { kind: oneOf(['refused'], 'Kind.'), why: string('Reason.') },
    'No rank starts.',
  ),
};

/** Reads an answer of rank 0. @throws {TypeError} naming the key with a wrong value */
export const decodeAnswer = (document: unknown): Answer =>
  decode<Answer>(ANSWERS[decode(KIND, document).kind] as Definition<Answer>, document);
