import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { readTokenizer } from '../../src/tokenize/tokenizer.ts';
import { synthesize } from '../../src/workload/synthetic.ts';
import { measureWords } from '../../src/workload/word-tokens.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, '.cache', 'interop', 'tokenizers');
const run = promisify(execFile);
const KINDS = ['byte_level', 'llama', 'sentence_pieces', 'unigram', 'word_piece'];

/** Texts that tokenizers treat differently. */
const ODD = 'é ß 漢 字 🙂 👨‍👩‍👧 ’ 1234567 don\'t a.b مرحبا ﬁ Ⅷ <|end|> {"a":[1,2]}'
  .split(' ')
  .concat('\n', '\n\n', '\t', '  ', '\u00a0');

/** Tokens of each text, and of the text that its tokens decode to. */
interface Counted {
  counts: number[];
  again: number[];
}

let corpus = '';
let texts: string[] = [];
let counted: Record<string, Counted> = {};

/** Trains the tokenizers, the same ones each time, and counts texts. */
async function countInPython(asked: readonly string[]): Promise<Record<string, Counted>> {
  const python = join(FOLDER, 'venv', 'bin', 'python');
  const counting = run(python, [join(ROOT, 'test/interop/tokenizers/count.py')], { maxBuffer: 2 ** 27 });
  counting.child.stdin!.end(JSON.stringify({ corpus, folder: FOLDER, texts: asked }));
  return JSON.parse((await counting).stdout) as Record<string, Counted>;
}

/** Tokenizers of the usual kinds, trained by Python's `tokenizers` on our own pages, and its counts of random texts. */
beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  await run('python3', ['-m', 'venv', join(FOLDER, 'venv')]);
  await run(join(FOLDER, 'venv', 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', 'tokenizers==0.23.3']);
  const pages = ['README.md', 'docs/endpoints.md', 'docs/metrics.md'];
  corpus = (await Promise.all(pages.map((page) => readFile(join(ROOT, page), 'utf8')))).join('\n');
  const random = randomStream(1, 'texts to tokenize');
  const words = corpus.split(/\s+/);
  const word = (): string =>
    random.below(4) === 0 ? ODD[random.below(ODD.length)]! : words[random.below(words.length)]!;
  texts = Array.from({ length: 2000 }, () =>
    Array.from({ length: 1 + random.below(30) }, word).join(random.below(3) === 0 ? '' : ' '),
  );
  counted = await countInPython(texts);
}, 300_000);

describe('a tokenizer.json counts as Python’s tokenizers does', () => {
  test.each(KINDS)('%s', async (kind) => {
    const count = await readTokenizer(join(FOLDER, `${kind}.json`));
    const theirs = counted[kind]!.counts;
    const wrong = texts.flatMap((text, i) => {
      const ours = count(text);
      return ours === theirs[i] ? [] : [{ text, ours, theirs: theirs[i] }];
    });
    expect(texts).toHaveLength(2000);
    expect(wrong).toEqual([]);
  });
});

test('synthetic prompts have exactly the planned tokens by Python’s tokenizers, also after decoding and encoding', async () => {
  const lengths = [1, 2, 3, 7, 15, 16, 17, 100, 511, 512, 4096];
  const prompts: { kind: string; length: number; text: string }[] = [];
  for (const kind of KINDS) {
    const tokens = measureWords(await readTokenizer(join(FOLDER, `${kind}.json`)));
    // Spaces are letters there, and its tokens span words.
    expect([kind, tokens === null]).toEqual([kind, kind === 'sentence_pieces']);
    if (tokens === null) continue;
    for (let i = 0; i < 40; i++)
      for (const length of lengths)
        if (length >= Math.min(...tokens.first))
          prompts.push({ kind, length, text: synthesize({ seed: 1, i, length, tokens }) });
  }
  const found = await countInPython(prompts.map(({ text }) => text));
  const wrong = prompts.flatMap(({ kind, length, text }, at) => {
    const { counts, again } = found[kind]!;
    return counts[at] === length && again[at] === length
      ? []
      : [{ kind, length, text, got: [counts[at], again[at]] }];
  });
  expect(prompts.length).toBeGreaterThan(1500);
  expect(wrong).toEqual([]);
}, 300_000);
