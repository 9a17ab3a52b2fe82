import { type Flags, type OptionName, RUN_OPTIONS } from '../../scenario/keys/option-table.ts';
import type { Io } from '../console/io.ts';

/** The values that an option or argument takes, for completion: words, paths, or anything. `open`: more may follow the word. */
export type Values = { words: readonly string[]; open?: true } | 'file' | 'folder' | 'any';

/** An option that only one command has. */
export interface OwnOption {
  /** Long name without dashes. */
  name: string;
  /** One-letter form, as in `-o`. */
  short?: string;
  /** Placeholder of the value in the help, followed by `...` if the option can be repeated; `null` if it has no value. */
  value: string | null;
  help: string;
  fallback?: string | null;
  /** The values that completion offers. */
  values?: Values;
}

/** The parsed command line of a command. */
export interface Given {
  /** Its arguments, in order. */
  words: readonly string[];
  /** The options that it shares with `run`. */
  flags: Flags;
  /** Its own options by name: `true` for a switch, a list for an option with several values, else text. */
  own: Readonly<Record<string, unknown>>;
  /** Every command of the program, for completion. */
  commands: readonly CommandSpec[];
}

/** A command as data. The program, its help and completion are generated from it. */
export interface CommandSpec {
  /** Its name, after that of its group if it has one: `data inspect`. */
  name: string;
  summary: string;
  description: string;
  /** Its positional argument, as commander writes it: `[scenario]`, `<run...>`, or several: `<tool> <file...>`, with a help text each. */
  argument: { form: string; help: string | readonly string[]; fallback?: string; values: Values } | null;
  own: readonly OwnOption[];
  /** The options of `run` that it has too. */
  shared: readonly OptionName[];
  /** The text below the options in its help: remarks, examples, exit codes. */
  after: string;
  /**
   * Loads the command's code and runs it; nothing is loaded before, so that `--help` is quick.
   * @returns the exit code
   * @throws {GoodputError} for everything that a user can fix
   */
  run(given: Given, io: Io): Promise<number>;
}

/** The commands that have commands of their own. */
export const COMMAND_GROUPS = [
  {
    name: 'data',
    summary: 'inspect, clean, convert, make and verify data sets',
    description:
      'Works on data sets: prompts, conversations and traces in any of the formats that goodput reads (docs/data.md).',
  },
] as const;

export const EXIT_CODES = `Exit codes:
  0    every gate passed, or none is declared
  99   a gate failed
  98   the run is invalid: do not trust its numbers
  104  bad usage or configuration
  105  interrupted
  1    goodput itself failed (full disk, crashed worker, a defect)`;

export const SCENARIO = { form: '[scenario]', help: 'scenario file (YAML)', values: 'file' } as const;

/** Returns all options of `run` except these, in order. */
export const allExcept = (...excluded: readonly OptionName[]): OptionName[] =>
  RUN_OPTIONS.map(({ name }) => name).filter((name) => !excluded.includes(name));
