import { Command, Option } from 'commander';
import {
  ABOUT_COMPARING,
  ABOUT_RANKS,
  type Flags,
  type OptionName,
  type RunOption,
  RUN_OPTIONS,
} from '../scenario/keys/option-table.ts';
import type { Io } from './console/io.ts';
import { widthOf } from './console/width.ts';
import { helpText } from './help-text.ts';
import { type CommandSpec, COMMAND_GROUPS, type OwnOption } from './options/command-spec.ts';

/** Adds a command to the program; `exit` receives its exit code. */
export function addCommand(
  program: Command,
  spec: CommandSpec,
  { commands, io, exit }: { commands: readonly CommandSpec[]; io: Io; exit: (code: number) => void },
): void {
  const command = parentOf(program, spec)
    .command(spec.name.split(' ').at(-1)!)
    .summary(spec.summary)
    .description(spec.description);
  const forms = spec.argument?.form.split(' ') ?? [];
  const helps = [spec.argument?.help ?? []].flat();
  for (const [k, form] of forms.entries()) command.argument(form, helps[k], spec.argument?.fallback);
  for (const own of spec.own) command.addOption(ownOption(own));
  const shared = RUN_OPTIONS.filter(({ name }) => spec.shared.includes(name));
  // A short list needs no headings.
  const grouped = shared.length > 12;
  if (!grouped) for (const option of shared) command.addOption(sharedOption(option));
  else
    for (const { heading } of GROUPS)
      for (const option of shared)
        if (HEADINGS.get(option) === heading) command.addOption(sharedOption(option).helpGroup(heading));
  const help = new Option('-h, --help', 'print help');
  command.addHelpOption(grouped ? help.helpGroup(LAST_GROUP.heading) : help);
  command.addHelpText('after', () => `\n${helpText(spec.after, widthOf(io))}`);
  command.action(async (...all: unknown[]) => {
    const words = all
      .slice(0, forms.length)
      .flatMap((word) => word ?? [])
      .map(String);
    const options = all[forms.length] as Readonly<Record<string, unknown>>;
    const given = { words, flags: flagsOf(options, spec.shared), own: ownOf(options, spec.own), commands };
    exit(await spec.run(given, io));
  });
}

/** Returns the group of a command, which is added with its first command; the program for a command without a group. */
function parentOf(program: Command, { name }: CommandSpec): Command {
  if (!name.includes(' ')) return program;
  const [group = ''] = name.split(' ');
  const known = program.commands.find((command) => command.name() === group);
  if (known !== undefined) return known;
  const { summary, description } = COMMAND_GROUPS.find((each) => each.name === group)!;
  return program
    .command(group)
    .summary(summary)
    .description(description)
    .helpOption('-h, --help', 'print help')
    .helpCommand(false);
}

function ownOption({ name, short, value, help, fallback }: OwnOption): Option {
  const flags = short === undefined ? `--${name}` : `-${short}, --${name}`;
  const option = new Option(value === null ? flags : `${flags} <${value}>`, help);
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
  /** Sections of a scenario, and names of options, that belong to the group. */
  of: readonly string[];
}

/** The groups of options in the help, in order. */
const GROUPS: readonly Group[] = [
  { heading: 'Endpoint:', of: ['endpoint'] },
  { heading: 'Several endpoints:', of: ABOUT_COMPARING },
  { heading: 'Several ranks:', of: ABOUT_RANKS },
  { heading: 'Time limits:', of: ['endpoint.timeouts'] },
  { heading: 'Simulated endpoint:', of: ['simulator'] },
  { heading: 'Load:', of: ['load'] },
  { heading: 'Workload:', of: ['workload'] },
  { heading: 'What must be met:', of: ['slo', 'gates', 'slo-grid', 'fail-fast'] },
  { heading: 'The run and its results:', of: [] },
];
const LAST_GROUP = GROUPS.at(-1)!;

/** Returns the group that names the longest part of the option's path, or the option itself. */
function groupOf({ name, path }: RunOption): Group {
  const parts = path?.split('.') ?? [];
  for (let length = parts.length; length > 0; length--) {
    const found = GROUPS.find(({ of }) => of.includes(parts.slice(0, length).join('.')));
    if (found !== undefined) return found;
  }
  return GROUPS.find(({ of }) => of.includes(name)) ?? LAST_GROUP;
}

const HEADINGS = new Map(RUN_OPTIONS.map((option) => [option, groupOf(option).heading]));

/** Returns the parsed options under their own names; commander stores `--no-x` as `x: false`. */
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
