import { readFileSync } from 'node:fs';
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Check, check } from '../real/check.ts';
import { command, output } from './command.ts';
import { ROOT, RUNS } from './paths.ts';

interface Instruction {
  name: string;
  rest: string;
}

/** Reads the instructions of a Containerfile: one per line, without comments. */
const instructionsOf = (text: string): Instruction[] =>
  text.split('\n').flatMap((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return name === '' ? [] : [{ name, rest }];
  });

/**
 * Carries out the instructions of the Containerfile without a builder: each stage is a folder, and absolute paths in COPY and RUN are
 * below it. It proves that what the image copies and runs is enough for goodput to work, not that the image can be built.
 */
export async function checkImage(): Promise<Check[]> {
  const folder = join(RUNS, 'image');
  await rm(folder, { recursive: true, force: true });
  const instructions = instructionsOf(readFileSync(join(ROOT, 'Containerfile'), 'utf8'));
  const context = await buildContext(join(folder, 'context'));
  const stages: { name: string; root: string; workdir: string }[] = [];
  for (const { name, rest } of instructions) {
    if (name === 'FROM') {
      const stage = / AS (\w+)$/.exec(rest)?.[1] ?? 'final';
      const root = join(folder, stage);
      await mkdir(join(root, 'usr', 'local', 'bin'), { recursive: true });
      stages.push({ name: stage, root, workdir: '/' });
      continue;
    }
    const stage = stages.at(-1)!;
    const inside = (path: string): string =>
      join(stage.root, path.startsWith('/') ? path : join(stage.workdir, path));
    if (name === 'WORKDIR') {
      stage.workdir = rest;
      await mkdir(inside(rest), { recursive: true });
    } else if (name === 'COPY') {
      await copy(rest, { stages, context, inside });
    } else if (name === 'RUN') {
      const below = rest.replaceAll(/(?<= )\//g, `${stage.root}/`);
      await output(['sh', '-c', below], { cwd: inside(stage.workdir) });
    }
  }
  const { root } = stages.at(-1)!;
  const goodput = join(root, 'usr', 'local', 'bin', 'goodput');
  const env = { PATH: process.env['PATH'], HOME: join(folder, 'home') };
  const version = await command([goodput, '--version'], { env });
  const short = ['--warmup', '0s', '--duration', '2s', '--drain', '5s', '--quiet'];
  const run = await command([goodput, 'run', join(ROOT, 'scenarios', 'first-run.yaml'), ...short], {
    env,
    cwd: join(root, 'results'),
  });
  const user = instructions.find(({ name }) => name === 'USER')?.rest ?? '';
  const entry = instructions.find(({ name }) => name === 'ENTRYPOINT')?.rest ?? '';
  const dev = await stat(join(root, 'opt', 'goodput', 'node_modules', 'vitest')).catch(() => null);
  const size = await output(['du', '-sm', join(root, 'opt', 'goodput')]);
  return [
    check(
      'goodput --version works in the final stage',
      version.code === 0,
      version.stdout.trim() || version.stderr,
    ),
    check('goodput run works there', [0, 98, 99].includes(run.code ?? -1), `exit code ${run.code}`),
    check('it has no packages of development', dev === null, `${size.split('\t')[0]} MB`),
    check('it does not run as root', /^[1-9]\d*:[1-9]\d*$/.test(user), user),
    check('its entry is goodput', entry === '["goodput"]', entry),
  ];
}

/** Copies what git has and .dockerignore allows. */
async function buildContext(folder: string): Promise<string> {
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  await mkdir(folder, { recursive: true });
  const files = await output(['git', 'ls-files', '-z', '--', ...allowed], { cwd: ROOT });
  for (const file of files.split('\0').filter(Boolean)) await cp(join(ROOT, file), join(folder, file));
  return folder;
}

async function copy(
  rest: string,
  {
    stages,
    context,
    inside,
  }: {
    stages: readonly { name: string; root: string }[];
    context: string;
    inside: (path: string) => string;
  },
): Promise<void> {
  const words = rest.split(' ');
  const from = /^--from=(.*)$/.exec(words[0]!)?.[1];
  const paths = from === undefined ? words : words.slice(1);
  const source = from === undefined ? context : stages.find(({ name }) => name === from)!.root;
  const target = inside(paths.at(-1)!);
  for (const path of paths.slice(0, -1)) {
    const isFolder = paths.at(-1)!.endsWith('/');
    await cp(join(source, path), isFolder ? join(target, basename(path)) : target, {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}
