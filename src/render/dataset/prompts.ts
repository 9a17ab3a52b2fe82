import type { LengthFigures } from '../../dataset/inspect/length-figures.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, significant } from '../layout/format.ts';
import { columns, entry } from '../layout/layout.ts';
import { openPage, type Style } from '../layout/style.ts';

/** The document that `goodput data format --template FILE --json` prints (docs/data.md). */
export interface PromptsDocument {
  records: number;
  skipped: number;
  /** The prompts written, each a session. */
  sessions: number;
  /** The file of the template, and the prompts that each of its templates wrote. */
  template: { path: string; prompts: Readonly<Record<string, number>> };
  /** Lengths of the prompts with the special tokens of the tokenizer; `null` without one. */
  tokens: LengthFigures | null;
  /** Prompts that begin with a `bos_token` that the tokenizer adds too. */
  double_bos: number;
}

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
