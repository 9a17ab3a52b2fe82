import { type Definition, list, nullable, number, object, string } from '../document/definition.ts';
import type { Summary } from '../verdict/summary.ts';

type GroupRow = NonNullable<Summary['groups']>[number];

const COUNTS = {
  count: number('Requests of the cohort.'),
  judged: number('Judged requests.'),
  good: number('Requests that succeeded and met every SLO.'),
  failed: number('Requests that failed.'),
};

export const GROUPS_TOTAL = object<NonNullable<Summary['groups_total']>>(
  COUNTS,
  'The sums over `groups`: every request of the cohort is in one group.',
);

/** Groups of the requests of a run. */
export const groupsOf = (
  distribution: Definition<GroupRow['metrics']['ttft']>,
  tokens: Definition<GroupRow['tokens']>,
) =>
  list(
    object<GroupRow>(
      {
        group: string('The value in common; `(none)`: requests without one.'),
        ...COUNTS,
        attainment: nullable(number('Good ÷ judged, 0 to 1.')),
        error_rate: nullable(number('Failed ÷ judged, 0 to 1.')),
        metrics: object<GroupRow['metrics']>(
          { ttft: distribution, tpot: distribution, e2e: distribution },
          'Distributions of the group.',
        ),
        tokens,
      },
      'Figures of the requests of the cohort that have a value in common.',
    ),
    'Groups by the key `by`: turns and ranges of tokens in their order, others by size.',
  );
