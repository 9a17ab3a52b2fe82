import { assertNoInlineSecrets, environmentFor, type Variables, variablesOf } from '../../emit/variables.ts';
import { GoodputError } from '../../errors.ts';
import { planRuns } from '../../multi-run/planned-runs.ts';
import { readScenarioFile, type ScenarioFile } from '../../scenario/file.ts';
import type { Scenario } from '../../scenario/keys/scenario.ts';
import { readScenarioText } from '../../scenario/read-text.ts';
import { resolveRuns } from '../../scenario/runs.ts';
import type { Io } from '../console/io.ts';

/** A scenario that a scheduler will run as several ranks. */
export interface ScheduledScenario {
  text: string;
  file: ScenarioFile;
  variables: Variables;
  scenario: Scenario;
}

/**
 * Reads and checks a scenario that a scheduler will run: by the file alone, because the flags and the environment of this command do
 * not reach the ranks. Variables that are not set here have placeholders.
 * @throws {GoodputError} kind `usage` that lists every mistake, or if several ranks cannot run the scenario
 */
export async function scheduledScenario(path: string, io: Io): Promise<ScheduledScenario> {
  const { text } = await readScenarioText(path);
  const file = readScenarioFile(path, text);
  assertNoInlineSecrets(file);
  const variables = variablesOf(file);
  const runs = resolveRuns({ file, env: environmentFor(file, variables, io.env), flags: {} });
  if (runs.kind !== 'run')
    throw new GoodputError(
      'usage',
      `${placeOf(file, runs.kind === 'sweep' ? 'sweep' : 'endpoints')}: has several runs, and ranks can only share a single one`,
      { hint: runs.kind === 'sweep' ? 'Remove the sweep.' : 'Write one of them under endpoint:.' },
    );
  const { scenario } = runs.resolved;
  if (scenario.endpoint.simulated)
    throw new GoodputError(
      'usage',
      `${placeOf(file, 'endpoint')}: has no URL, so each rank would simulate its own server`,
      {
        hint: 'Write endpoint: { url: http://HOST:8000/v1 }. goodput serve starts a simulated server.',
      },
    );
  for (const warning of runs.warnings) io.stderr.write(`warning: ${warning}\n`);
  return { text, file, variables, scenario };
}

function placeOf(file: ScenarioFile, key: string): string {
  const { line, column } = file.locate([key], 'key');
  return `${file.path}:${line}:${column}: ${key}`;
}

/**
 * Returns the scenario with its data read, which the length of a trace follows from.
 * @throws {GoodputError} kind `usage` for a mistake in the data, as `file:line`
 */
export async function withData({ file, variables }: ScheduledScenario, io: Io): Promise<Scenario> {
  const runs = resolveRuns({ file, env: environmentFor(file, variables, io.env), flags: {} });
  return (await planRuns(runs)).scenario;
}
