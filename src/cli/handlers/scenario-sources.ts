import type { RunMode } from '../../measure/carry-out.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { readScenarioText } from '../../scenario/read-text.ts';
import type { ScenarioSources } from '../../scenario/resolve.ts';
import type { Io } from '../console/io.ts';

/**
 * Returns the sources of a command's scenario: its file, the environment and the flags. A virtual run has the simulated endpoint.
 * @throws {GoodputError} kind `usage` if the file cannot be read
 */
export async function scenarioSources(
  path: string | null,
  flags: Flags,
  { env }: Io,
  mode: RunMode = 'real',
): Promise<ScenarioSources> {
  const file = path === null ? null : await readScenarioText(path);
  return { file, env, flags: mode === 'virtual' ? { ...flags, url: 'simulated' } : flags };
}
