import { METRICS, SLO_METRICS } from '../../metrics/registry.ts';
import { GROUP_KEYS } from '../../slo/request-group.ts';
import { SLO_PRESET_NAMES } from '../../slo/slo-presets.ts';
import { BATCHES, CAPACITIES, COMPARISONS, RUNS, SWEEPS } from '../../render/exporters.ts';
import { keysBelow } from '../../scenario/keys/keys.ts';
import { RUN_OPTIONS } from '../../scenario/keys/option-table.ts';
import type { OptionName, RunOption } from '../../scenario/keys/option-table.ts';
import { FAULT_KINDS } from '../../faults.ts';
import { PROVIDER_NAMES } from '../../scenario/keys/providers.ts';
import { DIALECT_NAMES, PRESET_NAMES } from '../../scenario/keys/simulator-keys.ts';
import { type CommandSpec, COMMAND_GROUPS, type OwnOption, type Values } from '../options/command-spec.ts';

/** An option as completion offers it. */
export interface CompletedOption {
  /** Long name without dashes. */
  name: string;
  /** The letter of its short form. */
  short?: string;
  help: string;
  /** The values that it takes; `null` for a switch. */
  value: Values | null;
}

export interface CompletedCommand {
  name: string;
  help: string;
  options: readonly CompletedOption[];
  argument: Values | null;
}

const formatsOf = ({ exporters }: { exporters: readonly { format: string }[] }): string[] =>
  exporters.map(({ format }) => format);

const VALUES: Partial<Record<OptionName, Values>> = {
  api: { words: ['chat', 'completions', 'responses', 'messages'] },
  provider: { words: PROVIDER_NAMES },
  preset: { words: PRESET_NAMES },
  dialect: { words: DIALECT_NAMES },
  fault: { words: FAULT_KINDS, open: true },
  engine: {
    words: keysBelow('simulator.engine').map((key) => `${key}=`),
    open: true,
  },
  arrivals: { words: ['poisson', 'constant', 'gamma'] },
  workers: { words: ['auto'], open: true },
  prompts: 'file',
  cacert: 'file',
  cert: 'file',
  key: 'file',
  tokenizer: 'file',
  out: 'folder',
  'fail-on': { words: ['worse', 'inconclusive', 'never'] },
  format: { words: formatsOf(RUNS) },
  output: 'file',
  slo: { words: SLO_METRICS.map(({ name }) => name), open: true },
  'slo-preset': { words: SLO_PRESET_NAMES },
  'slo-grid': { words: SLO_METRICS.map(({ name }) => `${name}=`), open: true },
  gate: { words: METRICS.map(({ name }) => name), open: true },
};

/** Values of options that only one command has, or that differ from those of `run`: other results have fewer formats. */
const OWN_VALUES = new Map<string, Values>([
  ['report by', { words: GROUP_KEYS }],
  ['compare format', { words: formatsOf(COMPARISONS) }],
  ['capacity format', { words: formatsOf(CAPACITIES) }],
  ['sweep format', { words: formatsOf(SWEEPS) }],
  ['batch format', { words: formatsOf(BATCHES) }],
]);

const HELP: CompletedOption = { name: 'help', help: 'print help', value: null };

const ofOwn = ({ name, short, help, value, values }: OwnOption, command: string): CompletedOption => ({
  name,
  ...(short === undefined ? {} : { short }),
  help,
  value: value === null ? null : (values ?? OWN_VALUES.get(`${command} ${name}`) ?? 'any'),
});

const ofShared = (
  { name, short, help, value }: (typeof RUN_OPTIONS)[number] & RunOption,
  command: string,
): CompletedOption => ({
  name,
  ...(short === null ? {} : { short }),
  help,
  value: value === null ? null : (OWN_VALUES.get(`${command} ${name}`) ?? VALUES[name] ?? 'any'),
});

/** Returns the commands as completion offers them. A group precedes its commands; its argument is the name of one of them. */
export function completedCommands(commands: readonly CommandSpec[]): CompletedCommand[] {
  const all = commands.map(completedCommand);
  const groups = COMMAND_GROUPS.map(({ name, summary }): CompletedCommand => {
    const words = all.flatMap((each) =>
      each.name.startsWith(`${name} `) ? [each.name.slice(name.length + 1)] : [],
    );
    return { name, help: summary, options: [HELP], argument: { words } };
  });
  for (const group of groups) {
    const first = all.findIndex(({ name }) => name.startsWith(`${group.name} `));
    if (first !== -1) all.splice(first, 0, group);
  }
  return all;
}

const completedCommand = ({ name, summary, argument, own, shared }: CommandSpec): CompletedCommand => ({
  name,
  help: summary,
  options: [
    ...own.map((option) => ofOwn(option, name)),
    ...RUN_OPTIONS.filter((option) => shared.includes(option.name)).map((option) => ofShared(option, name)),
    HELP,
  ],
  argument: argument?.values ?? null,
});
