import { GoodputError } from '../errors.ts';
import { SIMULATED } from '../scenario/keys/endpoint-keys.ts';
import { endpointNames } from '../scenario/endpoints.ts';
import { readScenarioFile } from '../scenario/file.ts';
import type { ScenarioSources } from '../scenario/resolve.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';

/** Rounds where nobody says how many: enough for Student's t, and statistics.md's own number. */
export const USUAL_ROUNDS = 5;

/** An endpoint of a comparison: how its scenario is resolved. */
export interface Contender {
  name: string;
  sources: ScenarioSources;
}

/** One run of a comparison. */
export interface Turn {
  /** 1, 2, 3 … */
  round: number;
  contender: Contender;
  /** Every round has one of its own, which all endpoints share. */
  seed: number;
  /** The folder of the run, in that of the rounds. */
  run: string;
}

/** The runs of all rounds, in their order. */
export const turnsOf = (contenders: readonly Contender[], rounds: number, seed: number): Turn[] =>
  Array.from({ length: rounds }, (_, k) => turnsIn(contenders, k + 1, seed + k)).flat();

/** The runs of a round in the order in which they are carried out: who is first changes from round to round. */
function turnsIn(contenders: readonly Contender[], round: number, seed: number): Turn[] {
  return contenders.map((_, turn) => {
    const contender = contenders[(turn + round - 1) % contenders.length]!;
    const run = `${String(round).padStart(2, '0')}-${contender.name}`;
    return { round, contender, seed, run };
  });
}

/** How the scenario of a turn's run is resolved: with the round's seed, and a folder of its own. */
export const sourcesAt = ({ contender: { sources }, seed, run }: Turn, out: string): ScenarioSources => ({
  ...sources,
  flags: { ...sources.flags, seed: String(seed), out, name: run },
});

/**
 * Whether a command is to measure several endpoints, interleaved.
 * @throws {GoodputError} kind `usage` where flags of a comparison stand without anything to compare
 */
export function isComparison({ file, flags }: ScenarioSources): boolean {
  const listed = file === null ? [] : endpointNames(readScenarioFile(file.path, file.text));
  if (listed.length > 0 || flags.against !== undefined) return true;
  const idle = (['rounds', 'tolerance', 'fail-on', 'decide'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (idle === undefined) return false;
  throw new GoodputError('usage', `--${idle}: there is only one endpoint, and nothing to compare it with`, {
    hint: 'Name another with --against URL, or list endpoints: in the scenario.',
  });
}

/** What a scenario says about comparing, where there is nothing to compare: a warning, or none. */
export function idleComparing({ rounds, comparing }: Scenario): string[] {
  const said = { rounds, ...comparing };
  const keys = Object.entries(said).flatMap(([key, value]) => (value === null ? [] : [key]));
  return keys.length === 0
    ? []
    : [`${keys.join(', ')}: there is only one endpoint, and nothing to compare it with`];
}

/** @throws {GoodputError} kind `usage` where the scenario has a sweep */
export function assertOneLoad({ sweep }: Pick<Scenario, 'sweep'>): void {
  if (sweep === null) return;
  throw new GoodputError('usage', 'a sweep of several endpoints at once is none that goodput can carry out', {
    hint: 'Compare them at one load, or sweep each by itself.',
  });
}

/**
 * The base first: the endpoint of `--against`, or the first of the file.
 * @throws {GoodputError} kind `usage` where flags say of one endpoint what the list says of each
 */
export function contendersOf(sources: ScenarioSources): Contender[] {
  const { file, flags, env } = sources;
  const names = file === null ? [] : endpointNames(readScenarioFile(file.path, file.text));
  const { against, ...others } = flags;
  if (names.length > 0) {
    const set = [
      ...(flags.url !== undefined && flags.url !== SIMULATED ? ['--url'] : []),
      ...(['against', 'provider', 'api-key-env', 'header'] as const)
        .filter((name) => flags[name] !== undefined)
        .map((name) => `--${name}`),
      ...(env['GOODPUT_URL'] && flags.url !== SIMULATED ? ['GOODPUT_URL'] : []),
    ];
    if (set.length > 0)
      throw new GoodputError('usage', `${set.join(', ')}: the scenario's endpoints say that themselves`, {
        hint: 'Each endpoint of the list has its own url, apiKey: ${NAME} and headers.',
      });
    // The list's own mistakes come with the first.
    return (names.length < 2 ? [names[0]!] : names).map((name, endpoint) => ({
      name,
      sources: { ...sources, endpoint },
    }));
  }
  return [
    { name: 'base', sources: { ...sources, flags: { ...others, url: against! } } },
    { name: 'new', sources: { ...sources, flags: others } },
  ];
}
