import { didYouMean, EXIT, GoodputError } from '../../errors.ts';
import type { Io } from '../console/io.ts';
import type { CommandSpec, Values } from '../options/command-spec.ts';
import { type CompletedCommand, completedCommands } from './completed-commands.ts';

const SCRIPTS = new Map(Object.entries({ bash: bashScript, zsh: zshScript, fish: fishScript }));

/**
 * `goodput completion`: prints the completion script of a shell.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for an unknown shell
 */
export async function completionCommand(
  shell: string,
  commands: readonly CommandSpec[],
  io: Io,
): Promise<number> {
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
  io.stdout.write(script(completedCommands(commands)));
  return EXIT.ok;
}

const words = (list: readonly string[]): string => list.join(' ');

function bashScript(commands: readonly CompletedCommand[]): string {
  const flags = commands.map(
    ({ name, options }) =>
      `    ${pattern(name)}) flags="${words(options.map((each) => `--${each.name}`))}" ;;`,
  );
  const patterns = commands.flatMap(({ name: command, options }) =>
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
  const positions = commands.flatMap(({ name, argument }) =>
    argument === null ? [] : [`    ${pattern(name)}) ${bashReply(argument)} ;;`],
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
    COMPREPLY=( $(compgen -W "${words(topLevel(commands).map(({ name }) => name))} --help --version" -- "$cur") )
    return
  fi
${groupsOf(commands)
  .map(
    (group) =>
      `  if [[ $command == ${group} && $COMP_CWORD -gt 2 ]]; then command="${group} \${COMP_WORDS[2]}"; fi`,
  )
  .join('\n')}
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

/** Returns the commands that are offered as the first word. */
const topLevel = (commands: readonly CompletedCommand[]): CompletedCommand[] =>
  commands.filter(({ name }) => !name.includes(' '));

/** Returns the names of the groups of commands. */
const groupsOf = (commands: readonly CompletedCommand[]): string[] => [
  ...new Set(commands.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0]!] : []))),
];

/** Returns a name as a pattern of `case`. */
const pattern = (name: string): string => (name.includes(' ') ? `"${name}"` : name);

function bashReply(values: Values): string {
  if (values === 'any') return ':';
  // A path may contain spaces: only line ends separate paths.
  const paths = (kind: string): string =>
    `compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=( $(compgen ${kind} -- "$cur") )`;
  if (values === 'file') return paths('-f');
  if (values === 'folder') return paths('-d');
  const more = values.open === true ? 'compopt -o nospace 2>/dev/null; ' : '';
  return `${more}COMPREPLY=( $(compgen -W "${words(values.words)}" -- "$cur") )`;
}

/** Escapes a text for single quotes, and the characters that `_arguments` and `_describe` interpret. */
const zshText = (text: string): string =>
  text.replaceAll("'", "'\\''").replaceAll(/[[\]:\\]/g, String.raw`\$&`);

function zshScript(commands: readonly CompletedCommand[]): string {
  const names = topLevel(commands).map(({ name, help }) => `    '${name}:${zshText(help)}'`);
  const cases = commands.map(({ name, options, argument }) => {
    const specs = options.flatMap(({ name, short, help, value }) => {
      const after = value === null ? '' : `:value:${zshAction(value)}`;
      return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])].map(
        (flag) => `'*${flag}${value !== null && flag.startsWith('--') ? '=' : ''}[${zshText(help)}]${after}'`,
      );
    });
    if (argument !== null) specs.push(`'*:argument:${zshAction(argument)}'`);
    return `    ${pattern(name)})\n      _arguments ${specs.join(' \\\n        ')} ;;`;
  });
  return `#compdef goodput
# zsh completion of goodput: source <(goodput completion zsh)
_goodput() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
${groupsOf(commands)
  .map(
    (group) => `  if [[ $command == ${group} ]] && (( CURRENT > 2 )); then
    command="${group} \${words[2]}"
    shift words
    (( CURRENT-- ))
  fi`,
  )
  .join('\n')}
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

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = [
    '# fish completion of goodput: goodput completion fish | source',
    'complete -c goodput -f',
    ...topLevel(commands).map(
      ({ name, help }) => `complete -c goodput -n __fish_use_subcommand -a ${name} -d ${fishText(help)}`,
    ),
  ];
  for (const { name, options, argument } of commands) {
    const parts = name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const seen = `-n ${fishText(parts.join('; and '))}`;
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
