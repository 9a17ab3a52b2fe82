/** What is wrong with one value, before it is known where it was written. */
export interface Problem {
  /** In place of "got <value>". */
  wrong?: string;
  /** `wrong` quotes the value, so it is not told where that may be a secret. */
  quotes?: boolean;
  expected?: string | undefined;
  meant?: string | null | undefined;
  /** Where in the written text the mistake begins. */
  offset?: number;
  /** The key is at fault, not its value. */
  atKey?: boolean;
}

export type Checked<T> = { ok: true; value: T } | { ok: false; problem: Problem };

/** A path into a scenario, from its root. */
export type Path = readonly (string | number)[];

/** `load.rate`, `gates[0]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** A value inside a message: short, and never the inside of a map or list. */
export function shownInput(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The sentence of a mistake: `got "5/x"; expected a rate, like 5/s; did you mean 5/s?`. */
export function sentence(problem: Problem, input: string): string {
  const parts = [problem.wrong ?? (input === 'nothing' ? 'is missing' : `got ${input}`)];
  if (problem.expected !== undefined) parts.push(`expected ${problem.expected}`);
  if (problem.meant) parts.push(`did you mean ${problem.meant}?`);
  return parts.join('; ');
}
