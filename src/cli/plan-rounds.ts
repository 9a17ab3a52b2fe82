import { nameOf } from '../slo/deciding.ts';
import { clean } from '../render/layout/clean.ts';
import { wrap } from '../render/layout/wrap.ts';
import { DEFAULT_DECIDING } from '../compare/figures.ts';
import type { Resolved, ResolvedValue } from '../scenario/keys/scenario.ts';
import { type Contender, type Turn, turnsOf, USUAL_ROUNDS } from './contenders.ts';
import { settingsFrom } from './comparing.ts';
import { columns, phaseRows, placeOf, sizeRows, valueLines } from './plan-text.ts';
import type { PlanSize } from './plan-size.ts';

/** An endpoint of a comparison, and what its runs come to. */
export interface PlannedEndpoint {
  name: string;
  resolved: Resolved;
}

/** What several endpoints are asked, and when. */
export interface RoundsPlan {
  /** The base first. */
  endpoints: readonly PlannedEndpoint[];
  rounds: readonly { round: number; seed: number; order: readonly string[] }[];
  /** How they are compared. */
  comparing: { deciding: readonly string[]; tolerance_pct: number; fail_on: string };
}

/** @param resolved of each contender, in their order */
export function roundsPlan(contenders: readonly Contender[], resolved: readonly Resolved[]): RoundsPlan {
  const { scenario } = resolved[0]!;
  const turns = turnsOf(contenders, scenario.rounds ?? USUAL_ROUNDS, scenario.seed);
  const { comparing } = scenario;
  const { deciding, tolerance, failOn } = settingsFrom(comparing, { strict: false });
  return {
    endpoints: contenders.map(({ name }, k) => ({ name, resolved: resolved[k]! })),
    rounds: [...Map.groupBy(turns, ({ round }) => round)].map(([round, all]) => ({
      round,
      seed: all[0]!.seed,
      order: all.map(nameOfTurn),
    })),
    comparing: {
      deciding: (deciding ?? DEFAULT_DECIDING).map(nameOf),
      tolerance_pct: tolerance * 100,
      // Without being asked to, a table of several is no gate.
      fail_on: contenders.length > 2 && comparing.failOn === null ? 'never' : failOn,
    },
  };
}

const nameOfTurn = ({ contender }: Turn): string => contender.name;

/** More rounds than these are told by their last. */
const MOST_SHOWN = 12;

/** The plan for people. `size` is that of one run of the first round. */
export function roundsText(plan: RoundsPlan, size: PlanSize, workers: number, width: number): string {
  const { endpoints, rounds, comparing } = plan;
  const [first] = endpoints as [PlannedEndpoint];
  const { scenario } = first.resolved;
  const runs = endpoints.length * rounds.length;
  const shown = rounds.length > MOST_SHOWN ? rounds.slice(0, MOST_SHOWN - 1) : rounds;
  const last = rounds.at(-1)!;
  const { common, own } = apart(endpoints);
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
    ...columns(phaseRows(scenario), width),
    '',
    ...wrap(
      'Size of a run of the first round; each round has its own plan, the same for all endpoints',
      width,
    ),
    ...columns(sizeRows(size, scenario, workers), width),
    '',
    'Comparison',
    ...columns(
      [
        ['decided by', comparing.deciding.join(', ')],
        ['the same within', `${Number(comparing.tolerance_pct.toPrecision(6))}% of ${first.name}`],
        ['fails where', failsWhere(comparing.fail_on, first.name, endpoints.length)],
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
  if (failOn === 'never') return 'never (--fail-on says otherwise)';
  const others = count > 2 ? 'another' : 'the other';
  return `${others} is worse than ${base}${failOn === 'inconclusive' ? ', or inconclusive' : ''} (exit 99)`;
}

/** What all endpoints have alike, and what each has for itself. */
function apart(endpoints: readonly PlannedEndpoint[]): {
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
