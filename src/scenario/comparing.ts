import type { z } from 'zod';
import { GoodputError } from '../errors.ts';
import { type Comparing, decideSchema, failOnSchema, toleranceSchema } from './keys/comparing-keys.ts';
import { problemsOf } from './keys/issues.ts';
import { sentence, shownInput } from './keys/problem.ts';

/**
 * Parses how to compare, for commands and functions that take no scenario. An omitted value becomes `null`.
 * @param names the name of each value in errors: `--fail-on`
 * @throws {GoodputError} kind `usage` that lists every mistake, one per line
 */
export function parseComparing(
  given: Readonly<Partial<Record<keyof Comparing, unknown>>>,
  names: Readonly<Record<keyof Comparing, string>>,
): Comparing {
  const mistakes: string[] = [];
  const read = <T>(key: keyof Comparing, schema: z.ZodType<T>): T | null => {
    const value = given[key];
    if (value === undefined) return null;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { problem } of problemsOf(parsed.error.issues, {}))
      mistakes.push(`${names[key]}: ${sentence(problem, shownInput(value))}`);
    return null;
  };
  const comparing = {
    tolerance: read('tolerance', toleranceSchema),
    failOn: read('failOn', failOnSchema),
    decide: read('decide', decideSchema),
  };
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return comparing;
}
