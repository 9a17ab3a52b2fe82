import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { randomStream } from '../../src/random.ts';
import { fakeConsole } from '../cli/console.ts';
import {
  freshPath,
  importFiles,
  importValues,
  recordedFile,
  recordedJson,
  type RecordedTool,
  RECORDED,
  removeScratch,
} from './importing.ts';

removeScratch();

const TOOLS = Object.keys(RECORDED) as RecordedTool[];

/** Returns the error of an import that is refused. */
const refusal = (
  importing: Promise<unknown>,
): Promise<{ kind: string; message: string; hint: string | null }> =>
  importing.then(
    () => Promise.reject(new Error('the import was not refused')),
    (error) => error as { kind: string; message: string; hint: string | null },
  );

describe('a file that cannot be imported', () => {
  const pairs = TOOLS.flatMap((tool) =>
    TOOLS.filter((other) => other !== tool).map((other) => [tool, other] as const),
  );

  test.each(pairs)('as %s, a file of %s: the error names the right command', async (tool, other) => {
    const error = await refusal(importFiles(tool, [recordedFile(other)]));
    expect(error).toMatchObject({ kind: 'usage', hint: expect.stringContaining(`goodput import ${other} `) });
  });

  test.each([
    ['aiperf', 'profile_export_aiperf.json', 'profile_export.jsonl'],
    ['inference-perf', 'summary_lifecycle_metrics.json', 'per_request: true'],
  ] as const)('%s: %s has only totals, and the hint says what is needed', async (tool, name, needed) => {
    const error = await refusal(importFiles(tool, [recordedFile(tool).replace(RECORDED[tool], name)]));
    expect(error).toMatchObject({ kind: 'usage', hint: expect.stringContaining(needed) });
    expect(error.message).toContain('only totals');
  });

  test('a result of vLLM without --save-detailed', async () => {
    const recorded = (await recordedJson('vllm')) as Record<string, unknown>;
    const totals = Object.fromEntries(Object.entries(recorded).filter(([, value]) => !Array.isArray(value)));
    const error = await refusal(importValues('vllm', [totals]));
    expect(error.message).toContain('only totals');
    expect(error.hint).toContain('--save-detailed');
  });

  test('broken JSON is named by file, line and column', async () => {
    const text = JSON.stringify(await recordedJson('inference-perf'), null, 2);
    const cut = text.slice(0, text.indexOf('"info"') + 40);
    const lines = cut.split('\n');
    expect((await refusal(importValues('inference-perf', [cut]))).message).toMatch(
      new RegExp(`:${lines.length}:${lines.at(-1)!.length + 1}: `),
    );
    expect((await refusal(importValues('vllm', ['{\n  "a": 1,\n  "b": ?\n}']))).message).toMatch(/:3:8: /);
    const record = '{"metadata":{"request_start_ns":1,"request_end_ns":2},"metrics":{}}';
    expect(
      (await refusal(importValues('aiperf', [`${record}\n${record.slice(0, 20)}`], { extension: 'jsonl' })))
        .message,
    ).toMatch(/jsonl:2:21: /);
  });

  test.each([
    ['an empty file', '', 'empty'],
    ['another JSON value', '{"x":1}', 'not a result file of vLLM'],
    ['a number', '1', 'not a result file of vLLM'],
    [
      'no requests',
      { model_id: 'm', num_prompts: 0, request_throughput: 0, ttfts: [], itls: [] },
      'no requests',
    ],
  ])('%s', async (_, value, reason) => {
    expect(await refusal(importValues('vllm', [value]))).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(reason),
    });
  });

  test('a missing file, a folder, an unknown tool, and a folder that exists', async () => {
    expect((await refusal(importFiles('vllm', ['/nowhere/r.json']))).message).toContain('/nowhere/r.json');
    const folder = freshPath('folder');
    await mkdir(folder);
    expect((await refusal(importFiles('vllm', [folder]))).message).toContain('is a folder');
    expect((await refusal(importFiles('vlm', [recordedFile('vllm')]))).message).toContain(
      'did you mean "vllm"',
    );
    expect((await refusal(importFiles('vllm', [recordedFile('vllm')], { out: folder }))).message).toContain(
      'exists already',
    );
  });

  test.each([
    ['a negative gap', 'itls', [[-0.5]], 'itls[0]'],
    ['a negative TTFT', 'ttfts', [-1], 'ttft'],
    ['a text as TTFT', 'ttfts', ['soon'], 'ttft'],
    ['no TTFT', 'ttfts', [null], 'ttft'],
    ['an infinite TTFT', 'ttfts', [Infinity], 'ttft'],
    ['a run of 200 days', 'ttfts', [200 * 86_400], '104 days'],
    ['lists of unequal length', 'itls', [[], []], '"itls"'],
  ])('impossible values: %s', async (_, key, list, reason) => {
    const result = {
      model_id: 'm',
      num_prompts: 1,
      request_throughput: 1,
      ttfts: [0.1],
      itls: [[0.1]],
      output_lens: [2],
      [key]: list,
    };
    const text = JSON.stringify(result).replace(
      '[null]',
      key === 'ttfts' && list[0] === Infinity ? '[Infinity]' : '[null]',
    );
    expect(await refusal(importValues('vllm', [text]))).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(reason),
    });
  });

  test(
    'no damage to a file ends in another error than one for the user, nor in a folder that cannot be read',
    { tags: ['study'] },
    async () => {
      const random = randomStream(11, 'damage');
      const values: readonly unknown[] = [null, -1, 1e300, 'x', [], {}, true, Number.MIN_VALUE];
      for (const tool of TOOLS.filter((each) => each !== 'aiperf'))
        for (let round = 0; round < 25; round++) {
          const value = await recordedJson(tool);
          for (let change = 0; change < 3; change++) damage(value, values, random);
          const result = await importValues(tool, [value]).then(
            ({ report }) => report.counts.cohort,
            (error) => ((error as { kind?: string }).kind === 'usage' ? 'usage' : (error as Error).message),
          );
          expect(typeof result === 'number' || result === 'usage' ? 'as documented' : result).toBe(
            'as documented',
          );
        }
    },
  );
});

/** Replaces one value at a random place. */
function damage(value: unknown, values: readonly unknown[], random: ReturnType<typeof randomStream>): void {
  let at = value;
  for (;;) {
    if (typeof at !== 'object' || at === null) return;
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = keys[random.below(keys.length)]!;
    const next: unknown = Reflect.get(at, key);
    if (typeof next !== 'object' || next === null || random.below(6) === 0) {
      Reflect.set(at, key, values[random.below(values.length)]);
      return;
    }
    at = next;
  }
}

test('terminal escapes in the error text of a file do not reach the terminal', async () => {
  const file = freshPath('hostile.json');
  await writeFile(
    file,
    JSON.stringify({
      model_id: '\u001B[31mred',
      num_prompts: 1,
      request_throughput: 1,
      ttfts: [0],
      itls: [[]],
      output_lens: [0],
      errors: ['\u001B]0;title\u0007 <script>alert(1)</script>'],
    }),
  );
  const io = fakeConsole();
  expect(await main(['import', 'vllm', file, '-o', freshPath()], io)).toBe(0);
  expect(io.out()).toContain('<script>');
  expect(io.out()).not.toContain('\u001B');
});

test('a run without start times or gaps is not written as a result of another tool, which would have to be made up', async () => {
  const { dir } = await importFiles('genai-bench', [recordedFile('genai-bench')]);
  for (const format of ['vllm', 'aiperf']) {
    const io = fakeConsole();
    expect(await main(['report', dir, '--format', format], io)).toBe(104);
    expect(io.err()).toContain('start times');
    expect(io.out()).toBe('');
  }
  for (const format of ['json', 'csv', 'markdown', 'prometheus', 'series', 'html', 'otlp']) {
    const io = fakeConsole();
    expect([format, await main(['report', dir, '--format', format], io)]).toEqual([format, 0]);
  }
});

test('the command: exit codes of gates, --json, and the report of the folder again', async () => {
  const run = freshPath();
  const first = fakeConsole();
  const args = [
    'import',
    'vllm',
    recordedFile('vllm'),
    '-o',
    run,
    '--slo',
    'ttft<=120ms',
    '--gate',
    'attainment>=99%',
    '--json',
  ];
  expect(await main(args, first)).toBe(99);
  const again = fakeConsole();
  expect(await main(['report', run, '--json'], again)).toBe(0);
  expect(JSON.parse(again.out())).toEqual(JSON.parse(first.out()));
  expect(JSON.parse(first.out())).toMatchObject({
    slo: { attainment: { value: 0.9 } },
    audit: { status: 'valid', not_checked: expect.arrayContaining(['send_lag', 'event_loop_delay']) },
  });
  const compared = fakeConsole();
  expect(await main(['compare', run, run], compared)).toBe(0);
  expect(compared.out()).toContain('imported');
});
