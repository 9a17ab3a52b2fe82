import type { Scenario } from '../scenario/keys/scenario.ts';
import { type PromptEntry, readPrompts } from '../workload/prompts.ts';

/**
 * Reads the requests of the scenario's prompt file; `null` if it names none.
 * @throws {GoodputError} kind `usage` if the file cannot be read or has mistakes
 */
export const promptsOf = async ({
  workload: { prompts },
}: Pick<Scenario, 'workload'>): Promise<readonly PromptEntry[] | null> =>
  prompts === null ? null : readPrompts(prompts);
