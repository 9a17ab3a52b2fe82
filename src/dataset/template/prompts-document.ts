import type { LengthFigures } from '../inspect/length-figures.ts';

/** The document that `goodput data convert --json` prints, and `format` without a template (docs/data.md). */
export interface ConvertDocument {
  records: number;
  skipped: number;
  /** The sessions written. */
  sessions: number;
}

/** The document that `goodput data format --template FILE --json` prints: each prompt is a session. */
export interface PromptsDocument extends ConvertDocument {
  /** The file of the template, and the prompts that each of its templates wrote. */
  template: { path: string; prompts: Readonly<Record<string, number>> };
  /** Lengths of the prompts with the special tokens of the tokenizer; `null` without one. */
  tokens: LengthFigures | null;
  /** Prompts that begin with a `bos_token` that the tokenizer adds too. */
  double_bos: number;
}
