import { Command, CommanderError } from 'commander';
import { defect, didYouMean, EXIT, GoodputError } from '../errors.ts';
import { renderError } from '../render/errors.ts';
import { styleOf } from '../render/layout/style.ts';
import { addCommand, EXIT_CODES } from './command.ts';
import { COMMANDS } from './commands.ts';
import { fitted } from './fitted.ts';
import { helpText } from './help-text.ts';
import { type Io, surviveClosedPipes } from './io.ts';
import { VERSION } from './version.ts';
import { widthOf } from './width.ts';

/**
 * The command line. Each command's code is loaded only when it runs, so that \`--help\` answers at once.
 * @returns the exit code
 */
export async function main(args: readonly string[], io: Io = process): Promise<number> {
  surviveClosedPipes(io);
  const color = !args.includes('--no-color');
  let exitCode: number = EXIT.ok;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  try {
    const [first = ''] = args;
    if (/\.ya?ml$/i.test(first)) {
      throw new GoodputError('usage', `"${first}" is no command`, {
        hint: `did you mean: goodput run ${first}`,
      });
    }
    if (first === 'help') assertCommand(args[1]);
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const known = error instanceof GoodputError ? error : defect(error);
    io.stderr.write(fitted(renderError(known, styleOf(io.stderr, io.env, { color })), io.stderr));
    return known.exitCode;
  }
}

/** Ends the process because of an exception that nobody caught. What a run has recorded is on the disk. */
export function endByDefect(error: unknown): never {
  process.stderr.write(renderError(defect(error), styleOf(process.stderr, process.env, { color: true })));
  process.exit(EXIT.failure);
}

/** commander shows the whole help for a command that it does not know. */
function assertCommand(name: string | undefined): void {
  const names = [...COMMANDS.map((command) => command.name), 'help'];
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

The first one measures the embedded simulated endpoint.

${EXIT_CODES}`;

function buildProgram(io: Io, exit: (code: number) => void): Command {
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
      writeErr: (text) => io.stderr.write(fitted(text, io.stderr)),
      getOutHelpWidth: () => widthOf(io),
      getErrHelpWidth: () => widthOf(io),
    })
    .configureHelp({ minWidthToWrap: 20 });

  for (const spec of COMMANDS) addCommand(program, spec, io, exit);
  return program;
}
