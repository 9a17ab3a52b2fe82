import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { EMPTY_TURN, type Turn } from '../../src/dataset/model/session.ts';
import { columnsOf, SessionTable, type StoredSession } from '../../src/workload/session-table.ts';

const byLength = (changes: Partial<Turn>): Turn => ({ ...EMPTY_TURN, input_tokens: 5, ...changes });

const SESSIONS: StoredSession[] = [
  {
    timestamp_ms: 0,
    tags: { source: 'a.csv' },
    turns: [byLength({ output_tokens: 7, hash_ids: [1, 2, 3] })],
  },
  {
    timestamp_ms: null,
    tags: {},
    turns: [{ ...EMPTY_TURN, messages: [{ role: 'user', content: 'Grüße, 世界' }] }],
  },
  {
    timestamp_ms: 0.001,
    tags: { source: 'a.csv' },
    turns: [
      byLength({ output_tokens: 0, tags: { failed: 'true' } }),
      byLength({ delay_ms: 12.5, hash_ids: [9] }),
    ],
  },
  // Not only numbers, so a text.
  { timestamp_ms: 4, tags: {}, turns: [byLength({ body: { top_p: 0.5 }, hash_ids: [4] })] },
  { timestamp_ms: 5, tags: { source: 'b.csv' }, turns: [byLength({ input_tokens: 0 })] },
];

const listed = (table: SessionTable): StoredSession[] =>
  Array.from({ length: table.length }, (_, k) => table.at(k));

describe('SessionTable', () => {
  it('returns the sessions as they were added, in any order, more than once', () => {
    const table = new SessionTable(columnsOf(SESSIONS));
    expect(listed(table)).toEqual(SESSIONS);
    for (const k of [4, 1, 3, 1, 0]) expect(table.at(k)).toEqual(SESSIONS[k]);
    expect(table.at(1).turns).toBe(table.at(1).turns);
  });

  it.each([
    [[1, 2 ** 32 - 1], 4],
    [[1, 2 ** 32], 8],
    [[1, -1], 8],
    [[1, 2 ** 53 - 1, 5], 8],
  ])('keeps the ids %j, in %d bytes each', (hash_ids, bytes) => {
    const sessions = [SESSIONS[0]!, { ...SESSIONS[0]!, turns: [byLength({ hash_ids })] }];
    const columns = columnsOf(sessions);
    expect(columns.ids.BYTES_PER_ELEMENT).toBe(bytes);
    expect(listed(new SessionTable(columns))).toEqual(sessions);
  });

  it('keeps many texts', () => {
    const sessions = Array.from({ length: 2500 }, (_, k) => ({
      ...SESSIONS[1]!,
      turns: [{ ...EMPTY_TURN, messages: [{ role: 'user', content: `text ${k}` }] }],
    }));
    const table = new SessionTable(columnsOf(sessions));
    expect(listed(table)).toEqual(sessions);
    expect(table.at(7)).toEqual(sessions[7]);
  });

  it('is not copied to another thread', async () => {
    const columns = columnsOf(SESSIONS);
    // The thread changes a length, and this thread sees it.
    const worker = new Worker("require('node:worker_threads').workerData.inputs[0] = 99", {
      eval: true,
      workerData: columns,
    });
    await new Promise((resolve) => worker.once('exit', resolve));
    expect(new SessionTable(columns).at(0).turns[0]!.input_tokens).toBe(99);
  });
});
