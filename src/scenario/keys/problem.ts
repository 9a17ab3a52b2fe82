import type { Result } from '../../errors.ts';

/** A mistake in one value, without its location. */
export interface Problem {
  /** Replaces "got <value>" in the message. */
  wrong?: string;
  /** True if `wrong` quotes the value, which must not be shown if it may be secret. */
  quotes?: boolean;
  expected?: string | undefined;
  meant?: string | null | undefined;
  /** Offset in the written text at which the mistake begins. */
  offset?: number;
  /** True if the key does not exist. */
  isUnknownKey?: true;
  /** True if the mistake is in the key, not in its value. */
  atKey?: boolean;
}

export type Checked<T> = Result<T, Problem>;

/** A path in a scenario, from its root. */
export type Path = readonly (string | number)[];

/** Returns a path as text: `load.rate`, `gates[0]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** Returns a value for a message: shortened, without the contents of a map or list. */
export function shownInput(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Returns the message for a mistake: `got "5/x"; expected a rate, like 5/s; did you mean 5/s?`. */
export function sentence(problem: Problem, input: string): string {
  const parts = [problem.wrong ?? (input === 'nothing' ? 'is missing' : `got ${input}`)];
  if (problem.expected !== undefined) parts.push(`expected ${problem.expected}`);
  if (problem.meant) parts.push(`did you mean ${problem.meant}?`);
  return parts.join('; ');
}

/** A problem, and the key that has it. */
export interface Located {
  path: Path;
  problem: Problem;
}
