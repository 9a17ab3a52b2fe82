import { GoodputError } from '../errors.ts';
import { endpointNames } from './endpoints.ts';
import type { ScenarioFile } from './file.ts';
import { SIMULATED } from './keys/endpoint-keys.ts';
import type { Resolved, Scenario, Sweep } from './keys/scenario.ts';
import { readFile, resolveScenario, type ScenarioSources } from './resolve.ts';

/** An endpoint of a comparison with its scenario. */
export interface ComparedEndpoint {
  name: string;
  sources: ScenarioSources;
  resolved: Resolved;
}

/** One run. */
export interface SingleRun {
  kind: 'run';
  sources: ScenarioSources;
  resolved: Resolved;
  warnings: readonly string[];
}

/** Rounds of several endpoints, the base first. */
export interface Rounds {
  kind: 'rounds';
  endpoints: readonly [base: ComparedEndpoint, ...others: ComparedEndpoint[]];
  warnings: readonly string[];
}

/** A run for each point of `sweep:`. */
export interface SweepRuns {
  kind: 'sweep';
  sources: ScenarioSources;
  resolved: Resolved;
  sweep: Sweep;
  warnings: readonly string[];
}

/** The runs that a scenario describes. */
export type ScenarioRuns = SingleRun | Rounds | SweepRuns;

/**
 * Resolves a scenario into a run, rounds of several endpoints, or a sweep. The file is read once: the sources of the result hold it as read,
 * and further runs of the same scenario are resolved from them.
 * @throws {GoodputError} kind `usage` that lists every mistake
 */
export function resolveRuns(given: ScenarioSources): ScenarioRuns {
  const sources = { ...given, file: readFile(given.file) };
  if (isComparison(sources)) return roundsOf(sources);
  const { resolved, warnings: found } = resolveScenario(sources);
  const { scenario } = resolved;
  const warnings = [...found, ...unusedComparing(scenario)];
  const { sweep } = scenario;
  if (sweep !== null) return { kind: 'sweep', sources, resolved, sweep, warnings };
  return { kind: 'run', sources, resolved, warnings };
}

const NOTHING_TO_COMPARE = 'there is only one endpoint, and nothing to compare it with';

/** @throws {GoodputError} kind `usage` if flags of a comparison are given without endpoints to compare */
function isComparison({ file, flags }: ReadSources): boolean {
  if ((file !== null && endpointNames(file).length > 0) || flags.against !== undefined) return true;
  const unused = (['rounds', 'tolerance', 'fail-on', 'decide'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (unused === undefined) return false;
  throw new GoodputError('usage', `--${unused}: ${NOTHING_TO_COMPARE}`, {
    hint: 'Name another endpoint with --against URL, or list several under endpoints: in the scenario.',
  });
}

type ReadSources = ScenarioSources & { file: ReturnType<typeof readFile> };

/** Warns about keys of a comparison in a scenario of one endpoint. */
function unusedComparing({ rounds, comparing }: Scenario): string[] {
  const keys = Object.entries({ rounds, ...comparing }).flatMap(([key, value]) =>
    value === null ? [] : [key],
  );
  return keys.length === 0 ? [] : [`${keys.join(', ')}: ${NOTHING_TO_COMPARE}`];
}

function roundsOf(sources: ReadSources): Rounds {
  const found = comparedSources(sources).map(({ name, sources: each }) => {
    const { resolved, warnings } = resolveScenario(each);
    return { endpoint: { name, sources: each, resolved }, warnings };
  });
  if (found[0]!.endpoint.resolved.scenario.sweep !== null)
    throw new GoodputError('usage', 'a sweep of several endpoints is not supported', {
      hint: 'Compare the endpoints at one load, or sweep each endpoint separately.',
    });
  const endpoints = found.map(({ endpoint }) => endpoint);
  return {
    kind: 'rounds',
    endpoints: endpoints as [ComparedEndpoint, ...ComparedEndpoint[]],
    warnings: [...new Set(found.flatMap(({ warnings }) => warnings))],
  };
}

/**
 * Returns the sources of each endpoint; the base is the endpoint of `--against`, or the first of the file.
 * @throws {GoodputError} kind `usage` if flags set for all endpoints what the list sets for each
 */
function comparedSources(sources: ReadSources): { name: string; sources: ScenarioSources }[] {
  const { file, flags, env } = sources;
  const names = file === null ? [] : endpointNames(file);
  const { against, ...others } = flags;
  if (names.length === 0)
    return [
      { name: 'base', sources: { ...sources, flags: { ...others, url: against! } } },
      { name: 'new', sources: { ...sources, flags: others } },
    ];
  const conflicts = [
    ...(flags.url !== undefined && flags.url !== SIMULATED ? ['--url'] : []),
    ...(['against', 'provider', 'api-key-env', 'header'] as const)
      .filter((name) => flags[name] !== undefined)
      .map((name) => `--${name}`),
    ...(env['GOODPUT_URL'] && flags.url !== SIMULATED ? ['GOODPUT_URL'] : []),
  ];
  if (conflicts.length > 0)
    throw new GoodputError('usage', `${conflicts.join(', ')}: the scenario lists endpoints: of its own`, {
      hint: 'Give each endpoint of the list its own url, apiKey: ${NAME} and headers.',
    });
  // A list of one endpoint is a mistake that resolving the first one reports.
  return (names.length < 2 ? [names[0]!] : names).map((name, endpoint) => ({
    name,
    sources: { ...sources, endpoint },
  }));
}

/**
 * Resolves a scenario into one run of one endpoint: its sweep is ignored.
 * @throws {GoodputError} kind `usage` that lists every mistake, or if the scenario lists several endpoints
 */
export function resolveSingleRun(given: ScenarioSources): SingleRun {
  const file = readFile(given.file);
  if (file !== null) assertOneEndpoint(file);
  const sources = { ...given, file, point: [] };
  return { kind: 'run', sources, ...resolveScenario(sources) };
}

function assertOneEndpoint(file: ScenarioFile): void {
  const names = endpointNames(file);
  // A list of one endpoint is a mistake that resolving reports.
  if (names.length < 2) return;
  const { line, column } = file.locate(['endpoints'], 'key');
  throw new GoodputError(
    'usage',
    `${file.path}:${line}:${column}: lists ${names.length} endpoints (${names.join(', ')}), but this command takes one`,
    { hint: 'Write the one to use under endpoint: instead of endpoints:.' },
  );
}
