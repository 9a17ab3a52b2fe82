import { GoodputError } from '../errors.ts';
import type { RunHeader } from '../record/header.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';

/** Sections of a scenario that say nothing about what is sent where. */
const IRRELEVANT = ['run', 'name', 'slo', 'gates', 'price', 'hardware', 'model'];

/**
 * Checks that the batch in a folder is that of the scenario.
 * @throws {GoodputError} kind `usage` that names the first section that differs, or for the embedded endpoint
 */
export function assertSameBatch(
  dir: string,
  { scenario: recorded, endpoint, status }: RunHeader,
  { echo }: Resolved,
): void {
  const sections = [...new Set([...Object.keys(recorded), ...Object.keys(echo)])];
  const differs = sections.find(
    (key) => !IRRELEVANT.includes(key) && JSON.stringify(recorded[key]) !== JSON.stringify(echo[key]),
  );
  if (differs !== undefined)
    throw new GoodputError('usage', `${dir} holds a batch of another scenario: ${differs} differs`, {
      hint: 'Repeat the command that began it, or name another folder with --out.',
    });
  if (endpoint.simulated && status !== 'complete')
    throw new GoodputError('usage', `${dir}: its batch was lost when the embedded endpoint ended`, {
      hint: 'Name another folder with --out. To try how a batch is continued, start goodput serve and name it with --url.',
    });
}
