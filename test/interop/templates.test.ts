import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { ChatTemplate } from '../../src/dataset/template/chat-template.ts';
import { randomStream } from '../../src/random.ts';
import * as templates from '../dataset/template/well-known-templates.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, '.cache', 'interop', 'templates');
const PYTHON = join(FOLDER, 'venv', 'bin', 'python');
const run = promisify(execFile);

beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  await run('python3', ['-m', 'venv', join(FOLDER, 'venv')]);
  await run(PYTHON, ['-m', 'pip', 'install', '--quiet', 'transformers==5.24.0', 'jinja2==3.1.6']);
}, 600_000);

const TEXTS = ['Hi', '  spaces  ', 'two\nlines\n', '"quotes" & <tags>', 'Köln 漢字 🙂', '{{ braces }}', ''];
const ROLES = ['system', 'user', 'assistant', 'tool'];

/** Conversations with random roles and texts, half of them with tools, for each template. */
function randomCases() {
  const random = randomStream(1, 'conversations');
  const text = (): string => TEXTS[random.below(TEXTS.length)]!;
  const message = (): object => ({ role: ROLES[random.below(ROLES.length)]!, content: text() });
  const call = (): object => ({
    role: 'assistant',
    content: null,
    tool_calls: [{ function: { name: text(), arguments: { a: text(), b: [1, 0.5, null, true], c: {} } } }],
  });
  return Object.values(templates).flatMap((template) =>
    Array.from({ length: 100 }, () => {
      const messages = Array.from({ length: 1 + random.below(5) }, () =>
        template === templates.TOOLS && random.below(4) === 0 ? call() : message(),
      );
      const tools = random.below(2) === 0 ? null : [{ type: 'function', function: { name: text() } }];
      const thinking = random.below(3);
      const values = {
        bos_token: '<s>',
        eos_token: '</s>',
        ...(thinking === 0 ? {} : { enable_thinking: thinking === 1 }),
      };
      return { template, messages: messages as Record<string, unknown>[], tools, values };
    }),
  );
}

test('templates render as with Python’s transformers, and reject the same conversations', async () => {
  const cases = randomCases();
  const rendering = run(PYTHON, [join(ROOT, 'test/interop/templates/render.py')], { maxBuffer: 2 ** 27 });
  rendering.child.stdin!.end(JSON.stringify(cases));
  const theirs = JSON.parse((await rendering).stdout) as (string | null)[];
  const now = new Date(2025, 6, 4, 12, 5, 9);
  const ours = cases.map(({ template, ...input }) => {
    try {
      return new ChatTemplate(template, now).render(input);
    } catch {
      return null;
    }
  });
  expect(theirs.filter((prompt) => prompt !== null).length).toBeGreaterThan(200);
  expect(theirs.filter((prompt) => prompt === null).length).toBeGreaterThan(20);
  expect(ours).toEqual(theirs);
});
