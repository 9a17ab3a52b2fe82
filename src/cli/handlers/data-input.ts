import { didYouMean, GoodputError, type Result } from '../../errors.ts';
import { LENGTH_RULES, lengthRule, type Rule } from '../../dataset/filter/rules.ts';
import { columnKeysProblem } from '../../dataset/formats/custom.ts';
import { FORMAT_NAMES, type FormatName } from '../../dataset/formats/format.ts';
import type { ReadOptions } from '../../dataset/read.ts';
import { type TokenUnit, tokensOf, WORDS } from '../../dataset/text/tokens.ts';
import { WRITABLE, type WritableFormat } from '../../dataset/write/encode.ts';
import { readVocabulary } from '../../tokenize/tokenizer.ts';
import type { Given } from '../options/command-spec.ts';

const ok = <T>(value: T): Result<T> => ({ ok: true, value });
const wrong = (problem: string): Result<never> => ({ ok: false, problem });

/** Reads options, and collects what is wrong with them. */
export class OptionReader {
  readonly #own: Given['own'];
  readonly mistakes: string[] = [];

  constructor(own: Given['own']) {
    this.#own = own;
  }

  /** @throws {GoodputError} kind `usage` with everything that is wrong with the options read so far */
  check(): void {
    if (this.mistakes.length > 0) throw new GoodputError('usage', this.mistakes.join('\n'));
  }

  /** Returns true if a switch is given. */
  has(name: string): boolean {
    return this.#own[name] === true;
  }

  text(name: string): string | null {
    const value = this.#own[name];
    return typeof value === 'string' ? value : null;
  }

  /** Returns what `parse` makes of an option; `null` if the option is not given or wrong. */
  value<T>(name: string, parse: (text: string) => Result<T>): T | null {
    const text = this.text(name);
    if (text === null) return null;
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    this.mistakes.push(`--${name}: ${parsed.problem}, not ${JSON.stringify(text)}`);
    return null;
  }

  word<T extends string>(name: string, words: readonly T[]): T | null {
    return this.value(name, (text) => {
      if ((words as readonly string[]).includes(text)) return ok(text as T);
      const meant = didYouMean(text, words);
      return wrong(`expected one of ${words.join(', ')}${meant === null ? '' : ` (did you mean ${meant}?)`}`);
    });
  }

  /** Returns a whole number, at least `least`. */
  whole(name: string, least: number): number | null {
    return this.value(name, (text) =>
      /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) >= least
        ? ok(Number(text))
        : wrong(`expected a whole number, at least ${least}`),
    );
  }

  /** Returns a share between 0 and 1, both excluded: `0.01`, `1%`. */
  share(name: string): number | null {
    return this.value(name, shareOf);
  }

  readOptions(): ReadOptions {
    const format = this.word<FormatName>('format', FORMAT_NAMES);
    const columns = this.value('columns', columnsOf);
    if (columns !== null && format !== null && format !== 'custom')
      this.mistakes.push(`--columns: only valid with --format custom, not ${format}`);
    if (format === 'custom' && columns === null)
      this.mistakes.push('--format custom: give --columns prompt=NAME,…');
    return {
      format,
      columns,
      timeUnit: this.word('time-unit', ['ms', 's']),
      blockTokens: this.whole('block-tokens', 1),
    };
  }

  /**
   * Returns the unit of lengths: tokens of `--tokenizer`, else words.
   * @throws {GoodputError} kind `usage` if it is not a tokenizer
   */
  async tokenUnit(): Promise<TokenUnit> {
    const tokenizer = this.text('tokenizer');
    return tokenizer === null ? WORDS : tokensOf(await readVocabulary(tokenizer));
  }

  writableFormat(): WritableFormat {
    return this.word<WritableFormat>('to', WRITABLE) ?? 'goodput';
  }
}

/** Returns the rules of the options about lengths. */
export const lengthRules = (options: OptionReader, unit: TokenUnit): Rule[] =>
  LENGTH_RULES.flatMap((name) => {
    const limit = options.whole(name, 0);
    return limit === null ? [] : [lengthRule(name, limit, unit)];
  });

/** Reads `0.01`, `1%`, `p99`. */
export function shareOf(text: string): Result<number> {
  const [, p, number, percent] = /^(p?)(\d*\.?\d+)(%?)$/.exec(text) ?? [];
  const value = number === undefined ? NaN : Number(number) / (p === 'p' || percent === '%' ? 100 : 1);
  return value > 0 && value < 1 ? ok(value) : wrong('expected a share between 0 and 1, such as 0.01 or 1%');
}

/** Reads `prompt=question,output_tokens=n`. */
function columnsOf(text: string): Result<Record<string, string>> {
  const pairs: [string, string][] = [];
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const [key, column] = at === -1 ? ['', ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (key === '' || column === '') return wrong('expected KEY=COLUMN, separated by commas');
    pairs.push([key, column]);
  }
  const problem = columnKeysProblem(pairs.map(([key]) => key));
  if (problem !== null) return wrong(problem);
  return ok(Object.fromEntries(pairs));
}
