import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GoodputError } from '../../src/errors.ts';
import { parsePrompts, promptOrder, readPrompts } from '../../src/workload/prompts.ts';

function mistakes(text: string): string[] {
  let caught: unknown = null;
  try {
    parsePrompts(text, 'p.jsonl');
  } catch (error) {
    caught = error;
  }
  expect(caught).toMatchObject({ kind: 'usage', hint: expect.stringContaining('"messages"') });
  return caught instanceof GoodputError ? caught.message.split('\n') : [];
}

describe('parsePrompts', () => {
  it('reads texts and messages, limits, blank lines, a byte-order mark and Windows line ends', () => {
    const messages = [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ];
    const text = `\uFEFF{"prompt":"Why?\\n","max_tokens":20,"id":7}\r\n\r\n${JSON.stringify({ messages })}\n`;
    expect(parsePrompts(text, 'p.jsonl')).toEqual([
      { prompt: { kind: 'text', text: 'Why?\n' }, maxTokens: 20 },
      { prompt: { kind: 'messages', messages }, maxTokens: null },
    ]);
  });

  it('names every mistake with its line', () => {
    const lines = [
      '{"prompt":"fine"}',
      '{"prompt":',
      '[]',
      '{"promt":"x"}',
      '{"question":"x"}',
      '{"prompt":"x","messages":[]}',
      '{"prompt":""}',
      '{"prompt":5}',
      '{"messages":[]}',
      '{"messages":["x"]}',
      '{"messages":[{"role":"user"},{"content":"x"}]}',
      '{"prompt":"x","max_tokens":0}',
      '{"prompt":"x","max_tokens":"20"}',
      '{"prompt":"x","max_new_tokens":20}',
    ];
    const found = mistakes(lines.join('\n'));
    expect(found.map((line) => line.split(': ')[0])).toEqual(
      lines.slice(1).map((_, k) => `p.jsonl:${k + 2}`),
    );
    const expected = [
      'invalid JSON',
      'expected an object',
      'did you mean "prompt"?',
      'neither "prompt" nor "messages"',
      'both "prompt" and "messages"',
      '"prompt" is empty',
      '"prompt" is not text',
      '"messages" is not a list',
      'messages[0] is not an object',
      'messages[1] has no "role"',
      '"max_tokens" is 0',
      '"max_tokens" is "20"',
      'did you mean "max_tokens"?',
    ];
    for (const [k, text] of expected.entries()) expect(found[k]).toContain(text);
  });

  it('shows the first 20 mistakes and counts the others', () => {
    const found = mistakes('x\n'.repeat(50));
    expect(found).toHaveLength(21);
    expect(found[20]).toBe('p.jsonl: and 30 more mistakes');
    expect(mistakes('x\n'.repeat(21))[20]).toBe('p.jsonl: and 1 more mistake');
    expect(mistakes('x\n'.repeat(20))).toHaveLength(20);
  });

  it('rejects a file without a prompt', () => {
    expect(mistakes('')).toEqual(['p.jsonl: contains no prompt']);
    expect(mistakes('\n \n')).toEqual(['p.jsonl: contains no prompt']);
  });
});

describe('readPrompts', () => {
  it('reads a file, and names one that it cannot read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'goodput-prompts-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'prompts.jsonl');
    await writeFile(path, '{"prompt":"Grüße"}\n');
    expect(await readPrompts(path)).toEqual([{ prompt: { kind: 'text', text: 'Grüße' }, maxTokens: null }]);
    const missing = join(folder, 'none.jsonl');
    await expect(readPrompts(missing)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(missing),
    });
  });
});

describe('promptOrder', () => {
  it('takes each prompt once per pass, in another order each pass, the same for the same seed', () => {
    const order = promptOrder(42, 50);
    const passes = [0, 1, 2].map((pass) => Array.from({ length: 50 }, (_, k) => order(pass * 50 + k)));
    for (const pass of passes) {
      expect([...pass].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    }
    expect(new Set(passes.map(String)).size).toBe(3);
    // Asked in another order, as another worker does.
    const again = promptOrder(42, 50);
    expect([149, 3, 100, 51].map(again)).toEqual([149, 3, 100, 51].map((i) => passes.flat()[i]));
    expect(promptOrder(43, 50)(0) === passes[0]![0] && promptOrder(43, 50)(1) === passes[0]![1]).toBe(false);
  });

  it('has every order of three equally often: chi-square over 6 cells, 0.1 % point 20.5', () => {
    const order = promptOrder(1, 3);
    const counts = new Map<string, number>();
    for (let pass = 0; pass < 6000; pass++) {
      const key = [0, 1, 2].map((k) => order(pass * 3 + k)).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    expect([...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(
      20.5,
    );
  });
});
