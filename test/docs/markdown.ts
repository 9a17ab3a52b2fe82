const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;

/** Returns a Markdown table; bars within cells are escaped. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');

/** Replaces each `{{name}}` of a template by its part. Throws if a name has no part, or a part no name. */
export function fill(template: string, parts: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(parts));
  const page = template.replaceAll(/\{\{(.+?)\}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`no part for {{${name}}}`);
    unused.delete(name);
    return part;
  });
  if (unused.size > 0) throw new Error(`the template has no place for ${[...unused].join(', ')}`);
  return page;
}
