import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goodput, scratchFolder, start } from '../cli/goodput.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const scratch = await scratchFolder();

/** The fenced block that begins with a line. */
function block(page: string, first: RegExp): string[] {
  const blocks = [...read(page).matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, lines]) => lines!.split('\n'));
  const found = blocks.find((lines) => first.test(lines[0]!));
  return found!.filter((line) => line !== '');
}

/** On the virtual clock a scenario has one outcome, to the last digit. */
test.each([
  ['docs/providers.md', /^RANKED/, ['simulate', 'scenarios/providers.yaml']],
  ['docs/sweeps.md', /^ +req\/s/, ['sweep', 'scenarios/sweep.yaml', '--virtual']],
] as const)('%s shows what the command prints', { timeout: 120_000 }, async (page, first, args) => {
  const { stdout } = await goodput(
    [...args, '--quiet', '--out', join(scratch, `${args[0]}-${performance.now()}`)],
    {
      cwd: ROOT,
    },
  );
  const printed = stdout.split('\n');
  expect(block(page, first).filter((line) => !printed.includes(line))).toEqual([]);
});

test('the alias of the README is goodput, in any folder', { timeout: 60_000 }, async () => {
  const [alias] = block('README.md', /^alias goodput=/);
  // An alias holds from the next line on.
  const script = `cd '${ROOT}'\n${alias}\ncd '${scratch}'\ngoodput --version`;
  const { stdout, code } = await start([], { shell: script }).ended;
  expect(code).toBe(0);
  expect(stdout).toBe(`${(JSON.parse(read('package.json')) as { version: string }).version}\n`);
});
