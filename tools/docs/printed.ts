import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/main.ts';
import { fakeConsole } from '../../test/cli/console.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A block of a page that shows what a command prints: the comment names the command, the fence holds its output. */
const BLOCK = /^<!-- prints: goodput ([^\n]*) -->\n```\n.*?^```$/gms;

/** Returns the page with every block replaced by what its command prints now. Commands must print the same each time. */
export async function withPrintedBlocks(page: string): Promise<string> {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const blocks = new Map<string, string>();
  for (const [block, args] of text.matchAll(BLOCK)) {
    const printed = (await goodput(args!.split(' '))).stdout;
    blocks.set(block, `<!-- prints: goodput ${args} -->\n\`\`\`\n${printed}\`\`\``);
  }
  if (blocks.size === 0) throw new Error(`${page} shows no output of a command`);
  return text.replaceAll(BLOCK, (block) => blocks.get(block)!);
}

/**
 * Runs `goodput` at 80 columns, in this process, in a folder that has the scenarios and the example run of the repository, and `files`.
 * Whatever it writes is deleted.
 */
export async function goodput(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; stderr: string }> {
  const cwd = mkdtempSync(join(tmpdir(), 'goodput-docs-'));
  const before = process.cwd();
  try {
    symlinkSync(join(ROOT, 'scenarios'), join(cwd, 'scenarios'));
    mkdirSync(join(cwd, 'reports'));
    symlinkSync(join(ROOT, 'reports', 'example'), join(cwd, 'reports', 'example'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    const io = fakeConsole({ LANG: 'C.UTF-8', GOODPUT_CACHE_DIR: join(cwd, 'cache') });
    process.chdir(cwd);
    await main(args, io);
    return { stdout: io.out(), stderr: io.err() };
  } finally {
    process.chdir(before);
    rmSync(cwd, { recursive: true, force: true });
  }
}
