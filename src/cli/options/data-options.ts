import { FORMAT_NAMES } from '../../dataset/formats/format.ts';
import { PROFILE_NAMES } from '../../dataset/profiles/profiles.ts';
import { ABOUT_ENDPOINT } from '../../scenario/keys/option-table.ts';
import type { Io } from '../console/io.ts';
import type { CommandSpec, Given, OwnOption } from './command-spec.ts';

/** The argument of a command that reads data sets. */
const DATA_FILES = {
  form: '<files...>',
  help: 'data sets: files, patterns, - for stdin',
  values: 'file',
} as const;

/** The argument of a command that also works without data sets. */
export const OPTIONAL_DATA_FILES = { ...DATA_FILES, form: '[files...]' } as const;

/** How data sets are read. */
export const READ_OPTIONS: readonly OwnOption[] = [
  {
    name: 'format',
    value: 'NAME',
    help: 'format of the records, instead of recognising it',
    values: { words: FORMAT_NAMES },
  },
  {
    name: 'columns',
    value: 'KEY=COLUMN,...',
    help: 'columns of any table: prompt=q,reference=a',
  },
  {
    name: 'time-unit',
    value: 'UNIT',
    help: 'unit of times in mooncake traces: ms, s',
    values: { words: ['ms', 's'] },
  },
  { name: 'block-tokens', value: 'N', help: 'tokens of a block of hash_ids (512)' },
];

export const TOKENIZER_OPTION: OwnOption = {
  name: 'tokenizer',
  value: 'FILE',
  help: 'tokenizer.json that counts texts; without one, words are counted',
  values: 'file',
};

/** The limits of the lengths of a session. */
export const LENGTH_OPTIONS: readonly OwnOption[] = [
  { name: 'min-tokens', value: 'N', help: 'shortest input' },
  { name: 'max-tokens', value: 'N', help: 'longest input' },
  { name: 'max-context', value: 'N', help: 'longest input and output together' },
];

/** Returns the option that names a recorded workload. */
export const profileOption = (help: string): OwnOption => ({
  name: 'profile',
  value: 'NAME',
  help: `${help} (docs/workload-profiles.md)`,
  values: { words: PROFILE_NAMES },
});

/** Returns the option that names a tag. */
export const byOption = (help: string): OwnOption => ({
  name: 'by',
  value: 'TAG',
  help,
  values: { words: ['source', 'model', 'language'], open: true },
});

/** Options of the file that a command writes. */
export const WRITE_OPTIONS: readonly OwnOption[] = [
  {
    name: 'output',
    short: 'o',
    value: 'FILE',
    help: 'data set to write: .jsonl, .json, .csv (also with .gz or .zst), .parquet',
    values: 'file',
  },
  {
    name: 'to',
    value: 'FORMAT',
    help: 'format of the output (goodput)',
    values: { words: ['goodput', 'openai-chat', 'sharegpt', 'mooncake'] },
  },
  { name: 'licence', value: 'TEXT', help: 'licence of the sources, for the manifest' },
];

const ENDPOINT_OPTION: OwnOption = {
  name: 'endpoint',
  value: 'URL',
  help: 'base URL of the endpoint to ask, including /v1',
};

/** Options of a command that asks an endpoint about records. */
export const ASK_OPTIONS: readonly OwnOption[] = [
  ENDPOINT_OPTION,
  { name: 'parallel', value: 'N', help: 'questions in flight (4)' },
];

/** The options about the connection to that endpoint, whose URL has an option of its own. */
export const SHARED_ASK_OPTIONS: CommandSpec['shared'] = ABOUT_ENDPOINT.filter((name) => name !== 'url');

/** Returns the exit codes of a command, as its help shows them. */
const exitCodes = (failure: string | undefined, asks: boolean): string => `Exit codes:
  0    done${failure === undefined ? '' : `\n  99   ${failure}`}
  104  bad usage or input; the message names the file and the line
  105  interrupted: an existing output is unchanged
  1    goodput itself failed (full disk, a defect)${asks ? ', or the endpoint' : ''}`;

/** Returns a command about data sets. `load` loads its code. */
export const dataCommand = ({
  load,
  after,
  failure,
  argument = DATA_FILES,
  shared = ['json', 'no-color', 'quiet'],
  ...spec
}: Omit<CommandSpec, 'run' | 'argument' | 'shared'> &
  Partial<Pick<CommandSpec, 'argument' | 'shared'>> & {
    /** The meaning of exit code 99. */
    failure?: string;
    load: () => Promise<(given: Given, io: Io) => Promise<number>>;
  }): CommandSpec => ({
  ...spec,
  argument,
  shared,
  after: `${after}\n\n${exitCodes(failure, spec.own.includes(ENDPOINT_OPTION))}`,
  run: async (given, io) => (await load())(given, io),
});
