import type { Result } from '../errors.ts';
import type { Problem } from './keys/problem.ts';

/**
 * Reads a flag that sets a section: its first value, then further keys, `h100-sxm:4,pricePerHour=2.49`.
 * @param first the keys that the first value sets, separated by colons in it; empty if every part is `key=value`
 */
export function flagEntries(text: string, first: readonly string[]): Result<[string, string][], Problem> {
  const form =
    first.length === 0
      ? 'key=value,…'
      : `${first.map((key) => key.toUpperCase()).join('[:')}${first.length > 1 ? ']' : ''},key=value,…`;
  const entries: [string, string][] = [];
  for (const [at, part] of text
    .split(',')
    .map((each) => each.trim())
    .entries()) {
    const equals = part.indexOf('=');
    if (equals > 0) entries.push([part.slice(0, equals).trim(), part.slice(equals + 1).trim()]);
    else if (at > 0 || first.length === 0 || part === '')
      return { ok: false, problem: { wrong: `invalid part "${part}"`, quotes: true, expected: form } };
    else entries.push(...firstEntries(part, first));
  }
  return { ok: true, value: entries };
}

/** The last colon separates: the path of a file may contain others. */
function firstEntries(part: string, [key, next]: readonly string[]): [string, string][] {
  const colon = next === undefined ? -1 : part.lastIndexOf(':');
  if (colon === -1) return [[key!, part]];
  return [
    [key!, part.slice(0, colon)],
    [next!, part.slice(colon + 1)],
  ];
}
