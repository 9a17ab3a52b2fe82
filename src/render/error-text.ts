import type { GoodputError } from '../errors.ts';
import { clean } from './layout/clean.ts';
import { openPage, type Style } from './layout/style.ts';

const lines = (text: string): string[] => text.split(/\r?\n/).map((line) => clean(line));

/** Returns the stack of an error without its message. */
const stackOf = (cause: unknown): string[] =>
  cause instanceof Error ? lines(cause.stack ?? '').filter((line) => /^\s*at /.test(line)) : [];

/**
 * Returns an error for stderr: `error: …`, further lines of the message (a scenario can have several mistakes), then the hint.
 * Lines are not wrapped here. Ends with a newline.
 */
export function renderError(
  error: Pick<GoodputError, 'message' | 'hint'> & Partial<Pick<GoodputError, 'kind' | 'cause'>>,
  style: Style,
): string {
  const { ink } = openPage(style);
  const [first = '', ...others] = lines(error.message);
  const more = [...others, ...(error.kind === 'defect' ? stackOf(error.cause) : [])];
  const out = [
    `${ink.bad('error:')} ${first}`,
    ...more.filter((line) => line !== '').map((line) => `  ${line}`),
  ];
  if (error.hint !== null) out.push(`  ${ink.strong('hint:')} ${lines(error.hint).join(' ')}`);
  return `${out.join('\n')}\n`;
}
