import type { Scenario } from '../scenario/keys/scenario.ts';
import { GoodputError } from '../errors.ts';
import { rankedScenario } from '../ranks/ranked.ts';
import { workerCount } from '../run/worker-count.ts';
import type { Milliseconds } from '../units.ts';

/** The port on which rank 0 answers the others before the start. */
export const MEET_PORT = 7070;

/** The most ranks of a job. */
const MOST_RANKS = 10_000;

/**
 * Reads a number of ranks.
 * @throws {GoodputError} kind `usage`
 */
export function ranksFrom(text: string | undefined, flag: string): number {
  const ranks = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (ranks >= 1 && ranks <= MOST_RANKS) return ranks;
  const wrong = text === undefined ? 'is missing' : `got "${text}"`;
  throw new GoodputError('usage', `${flag}: ${wrong}; expected a whole number from 1 to ${MOST_RANKS}`, {
    hint: 'Every rank is a process that sends its share of the load: up to about 2,000 requests per second.',
  });
}

/**
 * Returns a name as a DNS label (RFC 1035), which names of Services must be: lower-case letters, digits and dashes, a letter first.
 * @param longest its greatest length
 */
export function labelFrom(name: string, longest: number): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, longest)
    .replace(/-+$/, '');
  return label === '' ? 'goodput' : label;
}

/**
 * Returns the cores that one of several ranks uses: its load workers and its main thread.
 * @throws {GoodputError} kind `usage` if the load cannot be shared by that many ranks
 */
export const coresOf = (scenario: Scenario, ranks: number): number =>
  workerCount(rankedScenario(scenario, { index: 0, of: ranks }), Infinity) + 1;

/** Returns the longest time that a run takes, in ms; `null` if it does not follow from the scenario. */
export const longestRun = ({ load: { warmup, duration, drain } }: Scenario): Milliseconds | null =>
  duration === null ? null : warmup + duration + drain;
