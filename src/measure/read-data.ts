import type { ReadData } from '../lifecycle/run-options.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';

/**
 * Reads the data sets that a scenario names; `null` if it names none. What reads them is loaded only then.
 * @param say called every few seconds while that lasts
 * @throws {GoodputError} kind `usage` if a file cannot be read, has a mistake (as `file:line`), or has nothing to send
 */
export async function readData(
  { seed, load, workload: { data } }: Pick<Scenario, 'seed' | 'workload' | 'load'>,
  say: (text: string) => void = () => undefined,
): Promise<ReadData | null> {
  if (data === null) return null;
  const { readChoice } = await import('./read-choice.ts');
  return readChoice(data, { seed, load }, say);
}
