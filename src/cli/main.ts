import { Command, CommanderError } from 'commander';
import { defect, didYouMean, EXIT, GoodputError } from '../errors.ts';
import { renderError } from '../render/error-text.ts';
import { styleOf } from '../render/layout/style.ts';
import { addCommand } from './add-command.ts';
import { COMMANDS } from './commands.ts';
import { helpText } from './help-text.ts';
import { type Io, surviveClosedPipes } from './console/io.ts';
import { VERSION } from '../version.ts';
import { widthOf } from './console/width.ts';
import { EXIT_CODES } from './options/command-spec.ts';

/**
 * Runs the command line. The code of a command is loaded only when it runs, so that `--help` is quick.
 * @returns the exit code
 */
export async function main(args: readonly string[], io: Io = process): Promise<number> {
  surviveClosedPipes(io);
  const color = !args.includes('--no-color');
  let exitCode: number = EXIT.ok;
  let usageErrors = '';
  const program = buildProgram(io, {
    exit: (code) => {
      exitCode = code;
    },
    writeError: (text) => {
      usageErrors += text;
    },
  });
  try {
    const [first = ''] = args;
    if (/\.ya?ml$/i.test(first)) {
      throw new GoodputError('usage', `"${first}" is not a command`, {
        hint: `did you mean: goodput run ${first}`,
      });
    }
    if (first === 'help') assertCommand(args[1]);
    // The help command of commander knows no groups: `help data inspect` is `data inspect --help`.
    const isGrouped = first === 'help' && COMMANDS.some(({ name }) => name === `${args[1]} ${args[2]}`);
    await program.parseAsync(isGrouped ? [...args.slice(1), '--help'] : [...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    const { fitted } = await import('./console/fitted.ts');
    if (error instanceof CommanderError) {
      io.stderr.write(fitted(usageErrors, io.stderr));
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    const known = error instanceof GoodputError ? error : defect(error);
    io.stderr.write(fitted(renderError(known, styleOf(io.stderr, io.env, { color })), io.stderr));
    return known.exitCode;
  }
}

/** Ends the process after an uncaught exception. What a run has recorded is on the disk. */
export function endByDefect(error: unknown): never {
  process.stderr.write(renderError(defect(error), styleOf(process.stderr, process.env, { color: true })));
  process.exit(EXIT.failure);
}

/**
 * Refuses an unknown command; commander would show the help of the program.
 * @throws {GoodputError} kind `usage`
 */
function assertCommand(name: string | undefined): void {
  const names = [...new Set(COMMANDS.map((command) => command.name.split(' ')[0]!)), 'help'];
  if (name === undefined || name.startsWith('-') || names.includes(name)) return;
  const meant = didYouMean(name, names);
  throw new GoodputError('usage', `unknown command "${name}"`, {
    hint: meant === null ? 'goodput --help lists the commands' : `did you mean goodput help ${meant}?`,
  });
}

const AFTER = `Examples:
  $ goodput run
  $ goodput run --url http://127.0.0.1:8000/v1 --rate 5/s --slo "ttft<=200ms,tpot<=100ms" --gate "attainment>=90%"
  $ goodput run scenario.yaml --json
  $ goodput report reports/chat-20260101T120000Z
  $ goodput compare reports/before reports/after

The first example measures the embedded simulated endpoint.

${EXIT_CODES}`;

function buildProgram(
  io: Io,
  { exit, writeError }: { exit: (code: number) => void; writeError: (text: string) => void },
): Command {
  const program = new Command('goodput')
    .description(
      'Measures how an LLM inference endpoint serves its users: TTFT, TPOT, ITL, throughput and goodput against SLOs.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', () => `\n${helpText(AFTER, widthOf(io))}`)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: writeError,
      getOutHelpWidth: () => widthOf(io),
      getErrHelpWidth: () => widthOf(io),
    })
    .configureHelp({ minWidthToWrap: 20 });

  for (const spec of COMMANDS) addCommand(program, spec, { commands: COMMANDS, io, exit });
  return program;
}
