import { readFile } from 'node:fs/promises';
import { GoodputError } from '../errors.ts';

/**
 * A scenario file's text, with the path as the user gave it.
 * @throws {GoodputError} kind `usage` where it cannot be read
 */
export async function readScenarioText(path: string): Promise<{ path: string; text: string }> {
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    const detail = error instanceof Error ? error.message : String(error);
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : detail;
    throw new GoodputError('usage', `cannot read the scenario ${path}: ${reason}`, {
      hint: 'goodput init writes a commented one; without a scenario goodput run measures the simulated endpoint',
      cause: error,
    });
  }
}
