/** Matches a command as GitHub's runner reads it (actions/toolkit, command.ts). */
export const COMMAND = /^::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)$/;
const unescaped = (text: string): string =>
  text
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%25', '%');

export const commandsOf = (text: string): [string, string, string][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, level = '', title = '', message = ''] = COMMAND.exec(line) ?? [];
      return [level, unescaped(title), unescaped(message)];
    });
