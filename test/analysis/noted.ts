import type { Sample } from '../../src/sample.ts';
import { headerOf } from './headers.ts';
import { run } from './run.ts';

/** Returns the notes of a run, one per line: `code: text`. */
export async function noted(
  samples: Iterable<Sample>,
  header = headerOf(),
  limits: Record<string, number> = {},
): Promise<string> {
  const { report } = await run(samples, { header, limits });
  return report.notes.map(({ code, text }) => `${code}: ${text}`).join('\n');
}
