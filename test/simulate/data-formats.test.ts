import { expect, test } from 'vitest';
import { DataSet, type ReadOptions } from '../../src/dataset/read.ts';
import type { Session } from '../../src/dataset/model/session.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { READ_OPTIONS } from '../dataset/read-options.ts';
import { dataOf } from '../workload/data-sessions.ts';
import { scenarioOf } from './support.ts';

const COLUMNS = { prompt: 'question', output_tokens: 'n' };

const FILES: readonly [name: string, options?: Partial<ReadOptions>][] = [
  ['goodput-flat.jsonl'],
  ['goodput-canonical.jsonl'],
  ['goodput.csv'],
  ['openai-chat.jsonl'],
  ['openai-batch.jsonl.gz'],
  ['sharegpt.json'],
  ['sharegpt-sglang.jsonl'],
  ['sharegpt.parquet'],
  ['alpaca.json'],
  ['preference.jsonl'],
  ['preference-openai.jsonl'],
  ['mooncake.jsonl.gz'],
  ['mooncake-aiperf.jsonl'],
  ['timed-trace.jsonl', { timeUnit: 's' }],
  ['aiperf-single.jsonl'],
  ['aiperf-multi.jsonl'],
  ['azure-2023.csv'],
  ['azure-2024.csv.zst'],
  ['burstgpt.csv'],
  ['burstgpt-old.csv'],
  ['custom.csv', { columns: COLUMNS }],
  ['custom.parquet', { columns: COLUMNS }],
];

test.each(FILES)('a run sends every turn of %s once', async (name, options = {}) => {
  const path = new URL(`../dataset/fixtures/${name}`, import.meta.url).pathname;
  const sessions: Session[] = [];
  for await (const session of new DataSet([path], { ...READ_OPTIONS, ...options }).sessions())
    sessions.push(session);
  const scenario = scenarioOf(
    'workload: { output: 5, data: { file: x, cycle: false, order: file, failed: true } }\nload: { concurrency: 3, warmup: 0s }',
  );
  const { samples } = simulateRun(scenario, { data: dataOf(...sessions) });
  const turns = sessions.flatMap((session) => session.turns);
  expect(samples).toHaveLength(turns.length);
  const ordered = samples.toSorted((a, b) => a.i - b.i);
  for (const [k, { outcome, output_tokens, input_tokens }] of ordered.entries()) {
    const turn = turns[k]!;
    expect(outcome).toBe('ok');
    expect(output_tokens).toBe(Math.max(1, turn.output_tokens ?? 5));
    if (turn.input_tokens !== null) expect(input_tokens).toBe(Math.max(1, turn.input_tokens));
  }
});
