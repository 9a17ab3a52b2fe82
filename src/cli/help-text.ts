import { Help } from 'commander';

/** The end of a broken line of an example command, so that it can still be copied. */
const CONTINUED = ' \\';
const INDENT = ' '.repeat(6);

/**
 * Returns the text below the options of a command's help, in lines of at most `width` columns: paragraphs and lists are wrapped, and example
 * commands (lines that begin with `  $ `) are continued with a backslash. Consecutive lines are one paragraph.
 */
export function helpText(text: string, width: number): string {
  const lines = text.split('\n');
  const shown: string[] = [];
  let paragraph: string[] = [];
  const close = (): void => {
    if (paragraph.length > 0) shown.push(...wrapped('', paragraph.join(' '), width));
    paragraph = [];
  };
  for (const line of lines) {
    if (/^\S/.test(line)) {
      paragraph.push(line);
      if (line.endsWith(':')) close();
      continue;
    }
    close();
    if (line.startsWith('  $ ')) shown.push(...exampleLines(line, width));
    else if (line === '') shown.push('');
    else shown.push(...listLines(line, width));
  }
  close();
  return shown.join('\n');
}

/** Returns the lines of a list entry such as `  98   its meaning`, wrapped beside its name. */
function listLines(line: string, width: number): string[] {
  const [, lead = '', text = ''] = /^(\s+(?:\S+ {2,})?)(.*)$/.exec(line)!;
  return wrapped(lead, text, width);
}

function wrapped(lead: string, text: string, width: number): string[] {
  const help = new Help();
  help.minWidthToWrap = 1;
  const lines = help.boxWrap(text, width - lead.length).split('\n');
  return lines.map((line, at) => (at === 0 ? lead : ' '.repeat(lead.length)) + line);
}

/** Returns the lines of an example command, broken before its options if that is enough, else between words; quoted texts are not broken. */
function exampleLines(line: string, width: number): string[] {
  const words = line.trim().match(/(?:"[^"]*"|[^\s"])+/g)!;
  // An option with its values, or a word before the first option.
  const groups = words.reduce<string[][]>((all, word) => {
    const belongs = all.length > 0 && !/^(-|>)/.test(word) && all.at(-1)![0]!.startsWith('-');
    if (belongs) all.at(-1)!.push(word);
    else all.push([word]);
    return all;
  }, []);
  const room = width - CONTINUED.length;
  const lines: string[] = [];
  let current = '  $';
  const add = (part: string): void => {
    current = `${current === '' ? INDENT.slice(1) : current} ${part}`;
  };
  const fits = (part: string): boolean => `${current} ${part}`.length <= room;
  const next = (): void => {
    lines.push(current + CONTINUED);
    current = '';
  };
  for (const [at, group] of groups.slice(1).entries()) {
    const part = group.join(' ');
    if (at > 0 && !fits(part)) next();
    if (INDENT.length + part.length <= room) add(part);
    else
      for (const word of group) {
        if (current !== '' && !fits(word)) next();
        add(word);
      }
  }
  return [...lines, current];
}
