import type { z } from 'zod';
import { type Comparing, decideSchema, failOnSchema, toleranceSchema } from './keys/comparing-keys.ts';
import { problemsOf } from './keys/issues.ts';
import type { Flags } from './keys/options.ts';
import { sentence, shownInput } from './keys/problem.ts';

/** Reads the comparison flags of commands that take no scenario. Returns every mistake as a sentence. */
export function comparingOf(flags: Flags): { comparing: Comparing; mistakes: string[] } {
  const mistakes: string[] = [];
  const read = <T>(name: 'tolerance' | 'fail-on' | 'decide', schema: z.ZodType<T>): T | null => {
    const given = flags[name];
    if (typeof given !== 'string') return null;
    const parsed = schema.safeParse(given);
    if (parsed.success) return parsed.data;
    for (const { problem } of problemsOf(parsed.error.issues, {}))
      mistakes.push(`--${name}: ${sentence(problem, shownInput(given))}`);
    return null;
  };
  const comparing = {
    tolerance: read('tolerance', toleranceSchema),
    failOn: read('fail-on', failOnSchema),
    decide: read('decide', decideSchema),
  };
  return { comparing, mistakes };
}
