import { share } from '../../numbers.ts';
import type { PlannedRounds, Plan } from '../../multi-run/planned-runs.ts';
import { clean } from '../../render/layout/clean.ts';
import { wrap } from '../../render/layout/wrap.ts';
import type { ResolvedValue } from '../../scenario/keys/scenario.ts';
import type { ComparedEndpoint } from '../../scenario/runs.ts';
import { columns, phaseRows, placeOf, sizeRows, valueLines } from './plan-text.ts';

/** The plan shows at most this many rounds: the first ones and the last. */
const MOST_SHOWN = 12;

/** Returns the plan of rounds as text. */
export function roundsText(
  { endpoints, rounds, comparing }: PlannedRounds,
  plan: Plan,
  width: number,
): string {
  const { scenario } = plan;
  const base = endpoints[0]!.name;
  const runs = endpoints.length * rounds.length;
  const shown = rounds.length > MOST_SHOWN ? rounds.slice(0, MOST_SHOWN - 1) : rounds;
  const last = rounds.at(-1)!;
  const { common, own } = separateValues(endpoints);
  return [
    ...wrap(
      `Plan of ${clean(scenario.name)}: ${rounds.length} rounds of ${endpoints.length} endpoints, ${runs} runs one after the other. Nothing was sent.`,
      width,
    ),
    '',
    'Endpoints',
    ...columns(
      endpoints.map(({ name, resolved }) => [name, clean(placeOf(resolved))]),
      width,
    ),
    '',
    'Rounds',
    ...columns(
      [
        ...shown.map(({ round, seed, order }) => [String(round), `seed ${seed}`, order.join(', ')]),
        ...(shown === rounds
          ? []
          : [
              ['…', '', ''],
              [String(last.round), `seed ${last.seed}`, last.order.join(', ')],
            ]),
      ],
      width,
    ),
    '',
    'Phases of each run',
    ...columns(phaseRows(plan), width),
    '',
    ...wrap(
      'Size of a run of the first round; each round has its own plan, the same for all endpoints',
      width,
    ),
    ...columns(sizeRows(plan), width),
    '',
    'Comparison',
    ...columns(
      [
        ['decided by', comparing.deciding.join(', ')],
        ['the same within', `${share(comparing.tolerance_pct / 100)} of ${base}`],
        ['fails where', failsWhere(comparing.fail_on, base, endpoints.length)],
      ],
      width,
    ),
    '',
    'Values of all endpoints',
    ...valueLines(common, width),
    ...own
      .filter(({ values }) => values.length > 0)
      .flatMap(({ name, values }) => ['', `Values of ${name}`].concat(valueLines(values, width))),
    '',
  ].join('\n');
}

function failsWhere(failOn: string, base: string, count: number): string {
  if (failOn === 'never') return 'never (unless --fail-on is given)';
  const others = count > 2 ? 'another' : 'the other';
  return `${others} is worse than ${base}${failOn === 'inconclusive' ? ', or inconclusive' : ''} (exit 99)`;
}

/** Separates the values that all endpoints share from those of each endpoint. */
function separateValues(endpoints: readonly ComparedEndpoint[]): {
  common: readonly ResolvedValue[];
  own: readonly { name: string; values: readonly ResolvedValue[] }[];
} {
  const shownAt = endpoints.map(
    ({ resolved }) => new Map(resolved.values.map(({ path, shown }) => [path, shown])),
  );
  const isCommon = ({ path, shown }: ResolvedValue): boolean =>
    shownAt.every((shownOf) => shownOf.get(path) === shown);
  return {
    common: endpoints[0]!.resolved.values.filter(isCommon),
    own: endpoints.map(({ name, resolved }) => ({
      name,
      values: resolved.values.filter((value) => !isCommon(value)),
    })),
  };
}
