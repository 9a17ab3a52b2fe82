import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from '../document/decode.ts';
import { number, object } from '../document/definition.ts';
import { SUMMARY_FILE } from '../record/folder.ts';

const VERDICT = object<{ verdict: { exitCode: number } }>(
  {
    verdict: object<{ exitCode: number }>({ exitCode: number('Exit code.') }, 'Verdict.'),
  },
  'The part of a summary with the exit code.',
);

/** Returns the code with which a recorded run exited, by its `summary.json`; `null` if that does not exist or cannot be read. */
export async function recordedExitCode(dir: string): Promise<number | null> {
  try {
    return decode(VERDICT, JSON.parse(await readFile(join(dir, SUMMARY_FILE), 'utf8'))).verdict.exitCode;
  } catch {
    // Any other figure of the report is computed from the samples: a report needs no summary.
    return null;
  }
}
