/** @module-tag study */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { score } from '../../src/score/score.ts';
import { GoodputError } from '../../src/errors.ts';
import { EXPORTERS } from '../../src/render/exporters.ts';
import { styleOf } from '../../src/render/layout/style.ts';
import { goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();
const STYLE = styleOf({}, {}, { color: false });

/** Values that may replace a damaged value; `undefined` removes its key. */
const VALUES: readonly unknown[] = [undefined, null, -1, 0.5, 1e308, 'x'];

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;

/** Every path below a JSON value, by its keys. */
function* pathsIn(value: Json, above: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    const path = above.concat(key);
    yield path;
    yield* pathsIn(each, path);
  }
}

function changed(document: Json, path: readonly string[], value: unknown): Json {
  const copy = structuredClone(document);
  let at = copy as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1)!] = value;
  return copy;
}

/** Scores the folder and renders it in every form; the message of the refusal, where it is refused. */
async function reported(dir: string): Promise<{ texts: string[] } | { refused: string }> {
  try {
    const scored = await score(dir, { strict: false, again: true });
    scored.histograms();
    return { texts: EXPORTERS.map(({ render }) => render([scored], STYLE)) };
  } catch (error) {
    if (error instanceof GoodputError && error.kind === 'usage') return { refused: error.message };
    throw error;
  }
}

test.each([
  ['run.json', ''],
  ['samples.jsonl', ':5'],
])(
  'whatever value of %s is damaged: it is refused by its place, or no figure is NaN or negative',
  async (name, line) => {
    const whole = join(scratch, `whole-${name}`);
    const { code } = await goodput(
      `simulate --rate 20/s --requests 12 --warmup 0s --max-concurrency 9 --slo ttft<=1s --gate`
        .split(' ')
        .concat('attainment>=50%', '--quiet', '--out', whole),
    );
    expect(code).toBe(0);
    const dir = join(scratch, `damaged-${name}`);
    await cp(whole, dir, { recursive: true });
    const lines = (await readFile(join(whole, name), 'utf8')).trimEnd();
    const documents = name === 'run.json' ? [lines] : lines.split('\n');
    const at = line === '' ? 0 : Number(line.slice(1)) - 1;
    const document = JSON.parse(documents[at]!) as Json;
    let refusals = 0;
    // Counts of tokens are the server's: impossible ones are ignored (test/sample.test.ts).
    for (const path of pathsIn(document)) {
      if (path.at(-1)!.endsWith('_tokens')) continue;
      for (const value of VALUES) {
        documents[at] = JSON.stringify(changed(document, path, value));
        await writeFile(join(dir, name), `${documents.join('\n')}\n`);
        const result = await reported(dir).catch((error: unknown) => ({
          refused: `${path.join('.')} = ${String(value)}: ${String(error)}`,
        }));
        if ('refused' in result) {
          refusals++;
          expect(result.refused).toContain(`${name}${line}`);
        } else
          for (const text of result.texts) {
            const place = text.search(/NaN|Infinity|undefined/);
            const found = place === -1 ? null : text.slice(Math.max(0, place - 40), place + 10);
            expect([path.join('.'), value, found]).toEqual([path.join('.'), value, null]);
          }
      }
    }
    expect(refusals).toBeGreaterThan(20);
  },
  300_000,
);
