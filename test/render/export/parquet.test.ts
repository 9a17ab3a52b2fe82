import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { REQUEST_METRICS } from '../../../src/metrics/registry.ts';
import { renderEventsParquet, renderParquet } from '../../../src/render/export/parquet.ts';
import { SAMPLE } from '../../../src/record/samples-jsonl.ts';
import { eventInstants } from '../../../src/sample.ts';
import { requests } from '../../analysis/run.ts';
import { headerOf, seconds } from '../../analysis/headers.ts';
import { sampleOf } from '../../metrics/samples.ts';
import { columnsOf, FULL, MIXED } from './recorded-requests.ts';
import { scoredRun } from './runs.ts';

type Rows = Record<string, unknown>[];

async function listOf<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const part of parts) list.push(part);
  return list;
}

async function fileOf(parts: AsyncIterable<Uint8Array>): Promise<AsyncBuffer> {
  const bytes = await listOf(parts);
  const file = Uint8Array.from(Buffer.concat(bytes)).buffer;
  return { byteLength: file.byteLength, slice: (from, to) => file.slice(from, to) };
}

const rowsIn = async (parts: AsyncIterable<Uint8Array>): Promise<Rows> =>
  parquetReadObjects({ file: await fileOf(parts) });

const keysOf = ({ rule }: { rule: object }): string[] =>
  'properties' in rule && Array.isArray(rule.properties) ? rule.properties.map(({ key }) => String(key)) : [];

describe('a row per request', () => {
  test('has every key of samples.jsonl with its value, null where the key is absent', async () => {
    const run = await scoredRun(MIXED, { header: headerOf({ window: seconds(0, 1e7) }) });
    const rows = await rowsIn(renderParquet([run]));
    expect(rows).toHaveLength(MIXED.length);
    const covered = new Set(Object.keys(columnsOf(FULL)));
    const others = new Set(['events_us', 'n', 'error', 'set_up', 'server_timing']);
    expect(keysOf(SAMPLE).length).toBeGreaterThan(30);
    for (const key of keysOf(SAMPLE)) if (!others.has(key)) expect(covered).toContain(key);
    MIXED.forEach((sample, k) => {
      const expected = columnsOf(sample);
      for (const name of covered) expect([name, rows[k]![name]]).toEqual([name, expected[name] ?? null]);
    });
  });

  test('counts and percentiles of its columns are those of the report', async () => {
    const limits = { ttft: 45, tpot: 30 };
    const header = headerOf({ window: seconds(0.5, 2.5) });
    const samples = MIXED.slice(1);
    const run = await scoredRun(samples, { header, limits });
    const rows = await rowsIn(renderParquet([run]));
    const { counts, metrics } = run.report;
    const cohort = rows.filter((row) => row['in_cohort']);
    expect(counts.failed * counts.good * counts.censored * counts.cut_missed).toBeGreaterThan(0);
    expect(counts.good).toBeLessThan(counts.ok);
    expect(counts.cohort).toBeLessThan(samples.length);
    expect(cohort).toHaveLength(counts.cohort);
    expect(rows.filter((row) => row['judged'])).toHaveLength(counts.judged);
    expect(cohort.filter((row) => row['good'])).toHaveLength(counts.good);
    for (const judgement of ['failed', 'censored', 'cut_missed'] as const)
      expect(cohort.filter((row) => row['judgement'] === judgement)).toHaveLength(counts[judgement]);
    for (const { name, unit } of REQUEST_METRICS) {
      const column = unit === 'ms' ? `${name}_ms` : name;
      const values = cohort.flatMap((row) => (row[column] === null ? [] : Number(row[column])));
      expect([name, values.length]).toEqual([name, metrics[name]!.count]);
      if (values.length === 0) continue;
      expect([name, Math.min(...values), Math.max(...values)]).toEqual([
        name,
        metrics[name]!.min,
        metrics[name]!.max,
      ]);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(mean).toBeCloseTo(metrics[name]!.mean!, 9);
    }
    expect(metrics['ttft']!.count).toBeGreaterThan(0);
  });

  test('figures that the report leaves out as misleading are null', async () => {
    // Ten events 20 µs apart: nothing was streamed.
    const events_us = (at: number) => [at + 50_000, ...Array.from({ length: 9 }, () => 20)];
    const run = await scoredRun(
      requests(5, (i) => ({ events_us: events_us(i * 100_000), output_tokens: 10 })),
    );
    for (const row of await rowsIn(renderParquet([run])))
      expect(row).toMatchObject({ tpot_ms: null, user_tps: null, ttft_ms: 50 });
  });

  test('rows of several runs have the id, the origin and the endpoint of their run', async () => {
    const of = (id: string, epoch_ms: number, simulated: boolean) =>
      scoredRun(requests(2), {
        header: headerOf({
          id,
          origin: { epoch_ms, monotonic_ns: '0' },
          endpoint: { url: `http://${id}/v1`, api: 'chat', model: null, simulated, said: {} },
        }),
      });
    const runs = [await of('one', 1_767_225_600_000.5, true), await of('two', 1e300, false)];
    const file = await fileOf(renderParquet(runs));
    const rows = await parquetReadObjects({ file });
    expect(rows.map(({ run_id, url, simulated }) => [run_id, url, simulated])).toEqual([
      ...[0, 1].map(() => ['one', 'http://one/v1', true]),
      ...[0, 1].map(() => ['two', 'http://two/v1', false]),
    ]);
    // An instant outside the range of the type is not written as another one.
    expect(rows[0]!['run_origin']).toEqual(new Date('2026-01-01T00:00:00.000Z'));
    expect(rows[2]!['run_origin']).toBeNull();
    const { key_value_metadata: facts } = await parquetMetadataAsync(file);
    expect(facts).toEqual([{ key: 'goodput.simulated', value: 'true' }]);
  });

  test('a run without a request is a file without rows and with all columns', async () => {
    const file = await fileOf(renderParquet([await scoredRun([])]));
    const metadata = await parquetMetadataAsync(file);
    expect(metadata.num_rows).toBe(0n);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    expect(names).toContain('ttft_ms');
    expect(new Set(names).size).toBe(names.length);
  });

  test('many rows are written in groups, and are read back in order', async () => {
    const samples = requests(21_000);
    const parts = await listOf(renderParquet([await scoredRun(samples)]));
    expect(parts.length).toBeGreaterThan(1);
    const file = await fileOf(
      (async function* () {
        yield* parts;
      })(),
    );
    expect((await parquetMetadataAsync(file)).row_groups.map(({ num_rows }) => num_rows)).toEqual([
      20_000n,
      1000n,
    ]);
    const rows = await parquetReadObjects({ file, columns: ['i', 'planned_us', 'ttft_ms'] });
    const wrong = rows.findIndex(
      ({ i, planned_us, ttft_ms }, k) =>
        i !== BigInt(k) || planned_us !== BigInt(k * 100_000) || ttft_ms !== 50,
    );
    expect([rows.length, wrong]).toEqual([21_000, -1]);
  });
});

describe('a row per event', () => {
  test('has the instant, the gap and the tokens of every event', async () => {
    const bundled = sampleOf({ i: 1, events_us: [100, 10, 10], output_tokens: 6, tokens_from: 'usage' });
    const run = await scoredRun([FULL, bundled, sampleOf({ i: 2, outcome: 'timeout' })]);
    const rows = await rowsIn(renderEventsParquet([run]));
    expect(rows.map(({ i }) => i)).toEqual([...[1, 2, 3, 4].map(() => 2n ** 40n), 1n, 1n, 1n]);
    expect(rows.map(({ event }) => event)).toEqual([0n, 1n, 2n, 3n, 0n, 1n, 2n]);
    expect(rows.slice(0, 4).map(({ at_us }) => Number(at_us))).toEqual([...eventInstants(FULL)]);
    expect(rows.map(({ gap_us }) => gap_us)).toEqual([null, 100n, 0n, 200n, null, 10n, 10n]);
    expect(rows.map(({ n }) => n)).toEqual([1n, 2n, 0n, 1n, null, null, null]);
    // Without counts per event: one token in the first, and the others spread evenly.
    expect(rows.map(({ tokens }) => tokens)).toEqual([1n, 2n, 0n, 1n, 1n, 2n, 3n]);
    expect(new Set(rows.map(({ run_id }) => run_id))).toEqual(new Set(['id']));
  });
});
