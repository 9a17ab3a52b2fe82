import { EXIT, GoodputError, didYouMean } from '../errors.ts';
import { METRICS, SLO_METRICS } from '../metrics/registry.ts';
import { SLO_PRESET_NAMES } from '../slo/slo-presets.ts';
import { SWEEPS } from '../render/exporters.ts';
import { FORMAT_NAMES } from '../render/formats.ts';
import { keysBelow } from '../scenario/keys/keys.ts';
import { RUN_OPTIONS } from '../scenario/keys/options.ts';
import type { OptionName, RunOption } from '../scenario/keys/options.ts';
import { FAULT_KINDS } from '../faults.ts';
import { PROVIDER_NAMES } from '../scenario/keys/providers.ts';
import { DIALECT_NAMES, PRESET_NAMES } from '../scenario/keys/simulator-keys.ts';
import type { OwnOption, Values } from './command.ts';
import { COMMANDS } from './commands.ts';
import type { Io } from './io.ts';

/** What completion has to know of an option. */
export interface CompletedOption {
  /** Without dashes. */
  name: string;
  /** One letter, where it has one. */
  short?: string;
  help: string;
  /** `null`: it takes no value. */
  value: Values | null;
}

export interface CompletedCommand {
  name: string;
  help: string;
  options: readonly CompletedOption[];
  argument: Values | null;
}

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
  format: { words: FORMAT_NAMES },
  output: 'file',
  slo: { words: SLO_METRICS.map(({ name }) => name), open: true },
  'slo-preset': { words: SLO_PRESET_NAMES },
  'slo-grid': { words: SLO_METRICS.map(({ name }) => `${name}=`), open: true },
  gate: { words: METRICS.map(({ name }) => name), open: true },
};

/** Values that differ from those of `run`: a sweep has fewer forms. */
const OWN_VALUES = new Map<string, Values>([
  ['sweep format', { words: SWEEPS.exporters.map(({ format }) => format) }],
]);

const HELP: CompletedOption = { name: 'help', help: 'print help', value: null };

const ofOwn = ({ name, help, value, values }: OwnOption): CompletedOption => ({
  name,
  help,
  value: value === null ? null : (values ?? 'any'),
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

/** The commands as completion offers them. */
export const COMPLETED: readonly CompletedCommand[] = COMMANDS.map(
  ({ name, summary, argument, own, shared }) => ({
    name,
    help: summary,
    options: [
      ...own.map(ofOwn),
      ...RUN_OPTIONS.filter((option) => shared.includes(option.name)).map((option) => ofShared(option, name)),
      HELP,
    ],
    argument: argument?.values ?? null,
  }),
);

const SCRIPTS = new Map(Object.entries({ bash: bashScript, zsh: zshScript, fish: fishScript }));

/**
 * `goodput completion`: the script of a shell, to be sourced.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for another shell
 */
export async function completionCommand(shell: string, io: Io): Promise<number> {
  const script = SCRIPTS.get(shell);
  if (script === undefined) {
    const known = [...SCRIPTS.keys()];
    const meant = didYouMean(shell, known);
    throw new GoodputError(
      'usage',
      `no completion for ${JSON.stringify(shell)}; expected one of ${known.join(', ')}`,
      meant === null ? {} : { hint: `did you mean ${meant}?` },
    );
  }
  io.stdout.write(script());
  return EXIT.ok;
}

const words = (list: readonly string[]): string => list.join(' ');

function bashScript(): string {
  const flags = COMPLETED.map(
    ({ name, options }) => `    ${name}) flags="${words(options.map((each) => `--${each.name}`))}" ;;`,
  );
  const patterns = COMPLETED.flatMap(({ name: command, options }) =>
    options.flatMap(({ name, short, value }) =>
      value === null
        ? []
        : [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map((flag) => ({
            pattern: `"${command} ${flag}"`,
            reply: bashReply(value),
          })),
    ),
  );
  const values = [...Map.groupBy(patterns, ({ reply }) => reply)].map(
    ([reply, alike]) => `    ${alike.map(({ pattern }) => pattern).join('|')}) ${reply}; return ;;`,
  );
  const positions = COMPLETED.flatMap(({ name, argument }) =>
    argument === null ? [] : [`    ${name}) ${bashReply(argument)} ;;`],
  );
  return `# bash completion of goodput: source <(goodput completion bash)
_goodput() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" flags=""
  # Bash splits --api=chat at its equals sign, unless COMP_WORDBREAKS lacks it.
  if [[ $cur == = ]]; then cur=""
  elif [[ $prev == = ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  elif [[ $cur == --*=* ]]; then prev="\${cur%%=*}"; cur="\${cur#*=}"
  fi
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=( $(compgen -W "${words(COMPLETED.map(({ name }) => name))} --help --version" -- "$cur") )
    return
  fi
  case "$command $prev" in
${values.join('\n')}
  esac
  case "$command" in
${flags.join('\n')}
    *) return ;;
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=( $(compgen -W "$flags" -- "$cur") )
    return
  fi
  case "$command" in
${positions.join('\n')}
  esac
}
complete -F _goodput goodput
`;
}

function bashReply(values: Values): string {
  if (values === 'any') return ':';
  // A path may hold blanks: only line ends part one from the next.
  const paths = (kind: string): string =>
    `compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=( $(compgen ${kind} -- "$cur") )`;
  if (values === 'file') return paths('-f');
  if (values === 'folder') return paths('-d');
  const more = values.open === true ? 'compopt -o nospace 2>/dev/null; ' : '';
  return `${more}COMPREPLY=( $(compgen -W "${words(values.words)}" -- "$cur") )`;
}

/** Inside single quotes, and with what `_arguments` and `_describe` take for themselves escaped. */
const zshText = (text: string): string =>
  text.replaceAll("'", "'\\''").replaceAll(/[[\]:\\]/g, String.raw`\$&`);

function zshScript(): string {
  const commands = COMPLETED.map(({ name, help }) => `    '${name}:${zshText(help)}'`);
  const cases = COMPLETED.map(({ name, options, argument }) => {
    const specs = options.flatMap(({ name, short, help, value }) => {
      const after = value === null ? '' : `:value:${zshAction(value)}`;
      return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])].map(
        (flag) => `'*${flag}${value !== null && flag.startsWith('--') ? '=' : ''}[${zshText(help)}]${after}'`,
      );
    });
    if (argument !== null) specs.push(`'*:argument:${zshAction(argument)}'`);
    return `    ${name})\n      _arguments ${specs.join(' \\\n        ')} ;;`;
  });
  return `#compdef goodput
# zsh completion of goodput: source <(goodput completion zsh)
_goodput() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _goodput goodput
`;
}

function zshAction(values: Values): string {
  if (values === 'any') return '( )';
  if (values === 'file') return '_files';
  if (values === 'folder') return '_files -/';
  return values.open === true ? `compadd -S "" -- ${words(values.words)}` : `(${words(values.words)})`;
}

const fishText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;

function fishScript(): string {
  const lines = [
    '# fish completion of goodput: goodput completion fish | source',
    'complete -c goodput -f',
    ...COMPLETED.map(
      ({ name, help }) => `complete -c goodput -n __fish_use_subcommand -a ${name} -d ${fishText(help)}`,
    ),
  ];
  for (const { name, options, argument } of COMPLETED) {
    const seen = `-n ${fishText(`__fish_seen_subcommand_from ${name}`)}`;
    for (const { name, short, help, value } of options) {
      const takes = value === null ? '' : ` -x${fishValues(value)}`;
      const letter = short === undefined ? '' : ` -s ${short}`;
      lines.push(`complete -c goodput ${seen} -l ${name}${letter}${takes} -d ${fishText(help)}`);
    }
    if (argument !== null)
      lines.push(`complete -c goodput ${seen}${argument === 'any' ? '' : fishValues(argument)}`);
  }
  return `${lines.join('\n')}\n`;
}

function fishValues(values: Values): string {
  if (values === 'any') return '';
  if (values === 'file') return " -a '(__fish_complete_path)'";
  if (values === 'folder') return " -a '(__fish_complete_directories)'";
  return ` -a ${fishText(words(values.words))}`;
}
