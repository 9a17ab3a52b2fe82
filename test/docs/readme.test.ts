import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder, start } from '../cli/goodput.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const scratch = await scratchFolder();

test('the alias of the README runs goodput in any folder', { timeout: 60_000 }, async () => {
  const [alias] = /^alias goodput=.*$/m.exec(read('README.md'))!;
  // A shell expands an alias from the next line on.
  const script = `cd '${ROOT}'\n${alias}\ncd '${scratch}'\ngoodput --version`;
  const { stdout, code } = await start([], { shell: script }).ended;
  expect(code).toBe(0);
  expect(stdout).toBe(`${(JSON.parse(read('package.json')) as { version: string }).version}\n`);
});
