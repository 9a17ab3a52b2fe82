import { Command, Option } from 'commander';
import {
  ABOUT_COMPARING,
  type Flags,
  type OptionName,
  type RunOption,
  RUN_OPTIONS,
} from '../scenario/keys/options.ts';
import { helpText } from './help-text.ts';
import type { Io } from './io.ts';
import { widthOf } from './width.ts';

/** What may stand as a value or argument: words, a path, or anything. */
export type Values = { words: readonly string[]; open?: true } | 'file' | 'folder' | 'any';

/** An option that one command alone has, as data. */
export interface OwnOption {
  /** Long name without dashes. */
  name: string;
  /** Placeholder of its value in the help, with `...` where several may follow; `null` for a switch. */
  value: string | null;
  help: string;
  fallback?: string | null;
  /** What completion offers for its value. */
  values?: Values;
}

/** What was given to a command. */
export interface Given {
  /** Its arguments, in order. */
  words: readonly string[];
  /** The options that it shares with `run`. */
  flags: Flags;
  /** Those it has alone, by name; a switch is `true`, one of several values a list. */
  own: Readonly<Record<string, unknown>>;
}

/** A command as data: the program, its help and completion derive from it. */
export interface CommandSpec {
  name: string;
  summary: string;
  description: string;
  /** Its positional argument, as commander writes it: `[scenario]`, `<run...>`. */
  argument: { form: string; help: string; fallback?: string; values: Values } | null;
  own: readonly OwnOption[];
  /** Options of `run` that it has too. */
  shared: readonly OptionName[];
  /** Stands below the options in its help: remarks, examples, exit codes. */
  after: string;
  /**
   * Its code is loaded only here, so that `--help` answers at once.
   * @returns the exit code
   * @throws {GoodputError} for everything that a user can mend
   */
  run(given: Given, io: Io): Promise<number>;
}

export const EXIT_CODES = `Exit codes:
  0    every gate passed, or there was none
  99   a gate failed
  98   the run is invalid: do not believe its numbers
  104  bad usage or configuration
  105  interrupted
  1    goodput could not do its work (full disk, dead worker, a defect)`;

export const SCENARIO = { form: '[scenario]', help: 'scenario file (YAML)', values: 'file' } as const;

/** All options of `run` but these, in their order. */
export const allBut = (...left: readonly OptionName[]): OptionName[] =>
  RUN_OPTIONS.map(({ name }) => name).filter((name) => !left.includes(name));

/** Adds the command to the program; `exit` hears its exit code. */
export function addCommand(program: Command, spec: CommandSpec, io: Io, exit: (code: number) => void): void {
  const command = program.command(spec.name).summary(spec.summary).description(spec.description);
  if (spec.argument !== null) {
    const { form, help, fallback } = spec.argument;
    command.argument(form, help, fallback);
  }
  for (const own of spec.own) command.addOption(ownOption(own));
  const shared = RUN_OPTIONS.filter(({ name }) => spec.shared.includes(name));
  // A short list needs no headings.
  const grouped = shared.length > 12;
  if (grouped) shared.sort((a, b) => GROUPS.indexOf(groupOf(a)) - GROUPS.indexOf(groupOf(b)));
  for (const option of shared) {
    const added = sharedOption(option);
    command.addOption(grouped ? added.helpGroup(groupOf(option).heading) : added);
  }
  const help = new Option('-h, --help', 'print help');
  command.addHelpOption(grouped ? help.helpGroup(LAST_GROUP.heading) : help);
  command.addHelpText('after', () => `\n${helpText(spec.after, widthOf(io))}`);
  command.action(async (...all: unknown[]) => {
    const words = spec.argument === null ? [] : [all[0] ?? []].flat().map(String);
    const options = all[spec.argument === null ? 0 : 1] as Readonly<Record<string, unknown>>;
    exit(await spec.run({ words, flags: flagsOf(options, spec.shared), own: ownOf(options, spec.own) }, io));
  });
}

function ownOption({ name, value, help, fallback }: OwnOption): Option {
  const option = new Option(value === null ? `--${name}` : `--${name} <${value}>`, help);
  return fallback === undefined || fallback === null ? option : option.default(fallback);
}

function sharedOption({ name, short, value, help, repeatable, example }: RunOption): Option {
  const text = example === null || value === null ? help : `${help} (${example})`;
  const flags = short === null ? `--${name}` : `-${short}, --${name}`;
  const option = new Option(value === null ? flags : `${flags} <${value}>`, text);
  return repeatable
    ? option.argParser((given: string, before: string[] | undefined) => [...(before ?? []), given])
    : option;
}

interface Group {
  heading: string;
  /** Sections of a scenario, and options by name, that belong here. */
  of: readonly string[];
}

/** Headings of the help, in their order. */
const GROUPS: readonly Group[] = [
  { heading: 'Endpoint:', of: ['endpoint'] },
  { heading: 'Several endpoints:', of: ABOUT_COMPARING },
  { heading: 'Time limits:', of: ['endpoint.timeouts'] },
  { heading: 'Simulated endpoint:', of: ['simulator'] },
  { heading: 'Load:', of: ['load'] },
  { heading: 'Workload:', of: ['workload'] },
  { heading: 'What must be met:', of: ['slo', 'gates', 'slo-grid', 'fail-fast'] },
  { heading: 'The run and its results:', of: [] },
];
const LAST_GROUP = GROUPS.at(-1)!;

/** The group that names the longest part of the path which the option sets, or the option itself. */
function groupOf({ name, path }: RunOption): Group {
  const parts = path?.split('.') ?? [];
  for (let length = parts.length; length > 0; length--) {
    const found = GROUPS.find(({ of }) => of.includes(parts.slice(0, length).join('.')));
    if (found !== undefined) return found;
  }
  return GROUPS.find(({ of }) => of.includes(name)) ?? LAST_GROUP;
}

/** What commander parsed, back under the options' own names; it turns `--no-x` into `x: false`. */
function flagsOf(options: Readonly<Record<string, unknown>>, names: readonly OptionName[]): Flags {
  const flags: Partial<Record<OptionName, string | readonly string[] | true>> = {};
  for (const { name, value } of RUN_OPTIONS) {
    if (!names.includes(name)) continue;
    const off = name.startsWith('no-');
    const given = options[camel(off ? name.slice(3) : name)];
    if (off ? given !== false : given === undefined) continue;
    flags[name] = value === null ? true : (given as string | string[]);
  }
  return flags;
}

const ownOf = (
  options: Readonly<Record<string, unknown>>,
  own: readonly OwnOption[],
): Record<string, unknown> =>
  Object.fromEntries(
    own.flatMap(({ name }) => {
      const given = options[camel(name)];
      return given === undefined ? [] : [[name, given]];
    }),
  );

const camel = (name: string): string =>
  name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
