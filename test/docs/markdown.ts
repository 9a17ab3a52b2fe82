const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;

/** A Markdown table; bars within cells are escaped. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');

/** Puts `parts` in the places of a template, `{{name}}`. Throws where a place has no part, or a part no place. */
export function fill(template: string, parts: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(parts));
  const page = template.replaceAll(/\{\{(.+?)\}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`nothing to put at {{${name}}}`);
    unused.delete(name);
    return part;
  });
  if (unused.size > 0) throw new Error(`no place for ${[...unused].join(', ')}`);
  return page;
}
