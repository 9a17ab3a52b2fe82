/** @module-tag timed */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { bytePairs, naiveBytePairs, wordLevel } from '../tokenize/tokenizers.ts';
import { fakeConsole } from './console.ts';
import { scratchFolder, serve } from './goodput.ts';

const scratch = await scratchFolder();
const tokenizer = join(scratch, 'tokenizer.json');
await writeFile(tokenizer, JSON.stringify(wordLevel(['alpha', 'beta'])));

/** Answers of five words in two events; usage with every so-manieth request, 0: never. */
async function server(usageEvery: number): Promise<string> {
  let asked = 0;
  const { url } = await serve((request, response) => {
    if (request.method === 'GET') {
      response.end('{"data":[{"id":"m"}]}');
      return;
    }
    request.resume();
    asked++;
    const chunk = (content: string, finish: string | null = null): object => ({
      choices: [{ index: 0, delta: { content }, finish_reason: finish }],
    });
    const usage = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 6 } };
    const counted = usageEvery > 0 && asked % usageEvery === 0;
    const events = [chunk('alpha beta '), chunk('alpha gamma beta', 'stop'), ...(counted ? [usage] : [])];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      [...events.map((event) => JSON.stringify(event)), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''),
    );
  });
  return `${url}/v1`;
}

interface Document {
  tokens: { from: Record<string, number> };
  audit: { status: string; reasons: unknown[] };
}

async function run(
  name: string,
  url: string,
  ...more: string[]
): Promise<{ document: Document; lines: string[]; out: string }> {
  const out = join(scratch, name);
  const io = fakeConsole();
  const plan = '--requests 6 --rate 50/s --warmup 0s --no-probe --quiet --json'.split(' ');
  await main(['run', '--url', url, '--out', out, ...plan, ...more], io);
  const lines = (await readFile(join(out, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
  return { document: JSON.parse(io.out()) as Document, lines, out };
}

test(
  'counts after the run what the server did not, and leaves no text behind',
  { timeout: 60_000 },
  async () => {
    const { document, lines, out } = await run('none', await server(0), '--tokenizer', tokenizer);
    expect(document.tokens.from).toEqual({ tokenizer: 6 });
    const samples = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(samples).toHaveLength(6);
    for (const sample of samples) {
      expect(sample).toMatchObject({ output_tokens: 5, tokens_from: 'tokenizer', outcome: 'ok' });
      for (const key of ['text', 'reasoning_text', 'usage']) expect(sample).not.toHaveProperty(key);
    }
    expect((await readdir(out)).toSorted()).toEqual([
      'latency.hlog',
      'run.json',
      'samples.jsonl',
      'summary.json',
    ]);
    const header = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as { notes: string[] };
    expect(header.notes.join('\n')).toContain('counted the output tokens of 6 requests');
    // The same figures from the folder alone.
    const again = fakeConsole();
    await main(['report', out, '--json'], again);
    expect((JSON.parse(again.out()) as Document).tokens).toEqual(document.tokens);
  },
);

test(
  'what the server counted stays; two sources in one run make it suspect',
  { timeout: 60_000 },
  async () => {
    const { document, lines } = await run('mixed', await server(2), '--tokenizer', tokenizer, '--keep-text');
    expect(document.tokens.from).toEqual({ usage: 3, tokenizer: 3 });
    expect(JSON.stringify(document.audit.reasons)).toContain(
      'counted in several ways (tokenizer for 3, usage for 3 requests)',
    );
    expect(lines.map((line) => (JSON.parse(line) as { text: string }).text)).toEqual(
      Array(6).fill('alpha beta alpha gamma beta'),
    );
  },
);

test('a file that is no tokenizer is known before anything is sent', { timeout: 60_000 }, async () => {
  const out = join(scratch, 'refused');
  const io = fakeConsole();
  const code = await main(
    ['run', '--url', 'http://127.0.0.1:9/v1', '--out', out, '--tokenizer', scratch],
    io,
  );
  expect(code).toBe(104);
  expect(io.err()).toMatch(/it is a folder.*name the tokenizer\.json in it/s);
  await expect(readdir(out)).rejects.toThrow('ENOENT');
});

/** The merges of a tokenizer whose words have one to eight tokens: every letter pair of some frequent words. */
const MERGES = [
  'a t',
  'e r',
  'i n',
  'o n',
  'at e',
  'er e',
  'b a',
  'ba s',
  'bas e',
  's t',
  'st a',
  'c a',
  'ca r',
  'car d',
].map((pair) => pair.split(' ') as [string, string]);

test(
  'prompts have exactly the planned tokens by the tokenizer, with those of the chat template',
  { timeout: 60_000 },
  async () => {
    const file = join(scratch, 'pairs.json');
    await writeFile(file, JSON.stringify(bytePairs('abcdefghijklmnopqrstuvwxyz', MERGES)));
    const counted: number[] = [];
    const { url } = await serve((request, response) => {
      if (request.method === 'GET') {
        response.end('{"data":[{"id":"m"}]}');
        return;
      }
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => {
        const { messages } = JSON.parse(text) as { messages: { content: string }[] };
        // The reference is another implementation of the same tokenizer; a template adds 9 tokens.
        const prompt_tokens = naiveBytePairs(messages[0]!.content, MERGES) + 9;
        counted.push(prompt_tokens);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(
          [
            { choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'length' }] },
            { choices: [], usage: { prompt_tokens, completion_tokens: 1 } },
          ]
            .map((event) => `data: ${JSON.stringify(event)}\n\n`)
            .join('') + 'data: [DONE]\n\n',
        );
      });
    });
    const out = join(scratch, 'exact');
    const io = fakeConsole();
    const plan =
      '--requests 12 --rate 100/s --warmup 0s --quiet --json --input-tokens uniform:20-300 --output-tokens 1'.split(
        ' ',
      );
    await main(['run', '--url', `${url}/v1`, '--out', out, ...plan, '--tokenizer', file], io);
    const lines = (await readFile(join(out, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
    const samples = lines.map((line) => JSON.parse(line) as { planned_input: number; input_tokens: number });
    expect(samples).toHaveLength(12);
    for (const { planned_input, input_tokens } of samples) expect(input_tokens).toBe(planned_input);
    expect(new Set(samples.map((each) => each.planned_input)).size).toBeGreaterThan(5);
    expect(counted.length).toBe(14);
  },
);
