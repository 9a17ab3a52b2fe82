import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { readTokenizer } from '../../src/tokenize/tokenizer.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, '.cache', 'interop', 'tokenizers');
const KINDS = ['byte_level', 'llama', 'sentence_pieces', 'unigram', 'word_piece'];

/** Texts that tokenizers treat differently. */
const ODD = 'é ß 漢 字 🙂 👨‍👩‍👧 ’ 1234567 don\'t a.b مرحبا ﬁ Ⅷ <|end|> {"a":[1,2]}'
  .split(' ')
  .concat('\n', '\n\n', '\t', '  ', '\u00a0');

let texts: string[] = [];
let counts: Record<string, number[]> = {};

/** Tokenizers of the usual kinds, trained by Python's `tokenizers` on our own pages, and its counts of random texts. */
beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  const python = join(FOLDER, 'venv', 'bin', 'python');
  const run = promisify(execFile);
  await run('python3', ['-m', 'venv', join(FOLDER, 'venv')]);
  await run(python, ['-m', 'pip', 'install', '--quiet', 'tokenizers==0.23.3']);
  const pages = ['README.md', 'docs/endpoints.md', 'docs/metrics.md'];
  const corpus = (await Promise.all(pages.map((page) => readFile(join(ROOT, page), 'utf8')))).join('\n');
  const random = randomStream(1, 'texts to tokenize');
  const words = corpus.split(/\s+/);
  const word = (): string =>
    random.below(4) === 0 ? ODD[random.below(ODD.length)]! : words[random.below(words.length)]!;
  texts = Array.from({ length: 2000 }, () =>
    Array.from({ length: 1 + random.below(30) }, word).join(random.below(3) === 0 ? '' : ' '),
  );
  const counting = run(python, [join(ROOT, 'test/interop/tokenizers/count.py')], { maxBuffer: 2 ** 27 });
  counting.child.stdin!.end(JSON.stringify({ corpus, folder: FOLDER, texts }));
  counts = JSON.parse((await counting).stdout) as Record<string, number[]>;
}, 300_000);

describe('a tokenizer.json counts as Python’s tokenizers does', () => {
  test.each(KINDS)('%s', async (kind) => {
    const count = await readTokenizer(join(FOLDER, `${kind}.json`));
    const wrong = texts.flatMap((text, i) => {
      const ours = count(text);
      return ours === counts[kind]![i] ? [] : [{ text, ours, theirs: counts[kind]![i] }];
    });
    expect(texts).toHaveLength(2000);
    expect(wrong).toEqual([]);
  });
});
