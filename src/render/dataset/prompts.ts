import type { PromptsDocument } from '../../dataset/template/prompts-document.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, significant } from '../../numbers.ts';
import { columns, entry } from '../layout/layout.ts';
import { openPage, type Style } from '../layout/style.ts';

/** Returns what was written with a template, as text. */
export function renderPrompts({ template, tokens }: PromptsDocument, style: Style): string {
  const page = openPage(style);
  const figure = (value: number | null): string => (value === null ? page.signs.none : significant(value));
  const used = Object.entries(template.prompts).map(
    ([name, prompts]) => `${plural(prompts, 'prompt')} by ${clean(name)}`,
  );
  const keys = ['mean', 'p50', 'p90', 'p99', 'max'] as const;
  return `${[
    ...entry('Template', `${clean(template.path)}: ${used.join(', ') || 'no prompt'}`, page),
    ...(tokens === null
      ? []
      : columns(
          [
            ['Tokens', 'prompts', ...keys].map(page.ink.strong),
            ['prompt', count(tokens.count), ...keys.map((key) => figure(tokens[key]))],
          ],
          ['left', 'right', ...keys.map(() => 'right' as const)],
        )),
  ].join('\n')}\n`;
}
