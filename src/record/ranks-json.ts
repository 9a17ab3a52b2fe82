import { boolean, list, nullable, object, oneOf, orNull, string } from '../document/definition.ts';
import type { MergedRank, MergedRanks, Rank, RankPlan, RankStart, RunHeader } from './header.ts';
import { finite } from './load-json.ts';

/** The measuring machine of a run. */
export const ENVIRONMENT = object<NonNullable<RunHeader['environment']>>(
  {
    node: string('Version of Node.js.'),
    os: string('Operating system.'),
    cpu: string('Model of the processor.'),
    cores: finite('Number of processor cores.'),
    memory_bytes: finite('Memory, in bytes.'),
  },
  'The measuring machine; `null` in an imported run.',
);

const RANK_START = object<RankStart>(
  {
    by: oneOf(
      ['host', 'http', 'folder'],
      '`host`: by the monotonic clock, which is that of rank 0. `http`: timestamps were exchanged with rank 0. `folder`: by the wall clocks.',
    ),
    offset_ms: orNull(
      finite('Wall clock of this host minus that of rank 0, in milliseconds; `null`: not measured.'),
    ),
    error_ms: finite('Greatest difference to the start of rank 0, in milliseconds.'),
  },
  'How the start was agreed on; `null`: the ranks did not meet.',
);

/** A run as one of several ranks, in `run.json`. */
export const RANK = object<Rank>(
  {
    index: finite('Number of the rank, from 0.'),
    of: finite('Number of ranks.'),
    planned: orNull(
      list(
        object<RankPlan>(
          {
            warmup: finite('Requests of the warm-up.'),
            measure: finite('Requests of the measurement.'),
          },
          'Plan of a rank; the highest possible numbers if sessions have several turns.',
        ),
        'Plan of every rank, in their order; `null` in a closed loop.',
      ),
    ),
    start: orNull(RANK_START),
  },
  'Only of one of several ranks, which share a plan.',
);

/** The part of the self-audit of a rank that its summary and the merged run have. */
export const RANK_AUDIT = object<NonNullable<MergedRank['audit']>>(
  {
    status: oneOf(['valid', 'suspect', 'invalid'], 'Whether its measurement can be trusted.'),
    reasons: list(string('A reason.'), 'Why it is not valid.'),
  },
  'Its self-audit; `null` if it was lost, or had no request to send in the window.',
);

/** The ranks of a merged run, in `run.json`. */
export const RANKS = object<MergedRanks>(
  {
    of: finite('Number of ranks.'),
    met: boolean('All ranks that have a run folder met before the start.'),
    starts_within_ms: finite(
      'Greatest difference between two starts, in milliseconds: the bound of the meeting, or without one the difference by the wall clocks.',
    ),
    each: list(
      object<MergedRank>(
        {
          index: finite('Number of the rank, from 0.'),
          id: nullable(string('Identifies its run; `null`: there is no run folder.')),
          started: nullable(string('Start of its run, ISO 8601, UTC.')),
          status: oneOf(
            ['running', 'complete', 'interrupted', 'failed', 'missing'],
            'How its run ended. `running`: it was killed, or has not ended; `missing`: there is no run folder.',
          ),
          reason: nullable(string('Why it was interrupted or failed.')),
          environment: orNull(ENVIRONMENT),
          start: orNull(RANK_START),
          requests: finite('Requests with a record.'),
          lost: finite('Planned requests without a record.'),
          lost_in_window: finite('Those of them that were planned in the window.'),
          lost_more: boolean(
            'More requests may be lost: a closed loop sends as many as the server completes.',
          ),
          audit: nullable(RANK_AUDIT),
        },
        'A rank.',
      ),
      'The ranks, in their order.',
    ),
  },
  'Only of a run that was merged from those of its ranks.',
);
