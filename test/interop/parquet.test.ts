import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REQUEST_METRICS } from '../../src/metrics/registry.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import { renderEventsParquet, renderParquet } from '../../src/render/export/parquet.ts';
import { eventInstants } from '../../src/sample.ts';
import { headerOf, seconds } from '../analysis/headers.ts';
import { columnsOf, FULL, MIXED } from '../render/export/recorded-requests.ts';
import { scoredRun } from '../render/export/runs.ts';
import { cacheOf } from './readers.ts';

/** DuckDB and pyarrow read what `--format parquet` writes. */
const dir = cacheOf('parquet');
const python = join(dir, 'venv', 'bin', 'python');
const scratch = mkdtempSync(join(tmpdir(), 'goodput-parquet-'));
afterAll(() => rmSync(scratch, { recursive: true }));

beforeAll(() => {
  mkdirSync(dir, { recursive: true });
  cpSync(join(import.meta.dirname, 'readers', 'parquet'), dir, { recursive: true });
  execFileSync('python3', ['-m', 'venv', join(dir, 'venv')]);
  execFileSync(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    'duckdb==1.4.1',
    'pyarrow==21.0.0',
    'pytz==2025.2',
  ]);
}, 300_000);

type Row = Record<string, unknown>;

async function readByBoth(parts: AsyncIterable<Uint8Array>): Promise<[string, Row[]][]> {
  const bytes: Uint8Array[] = [];
  for await (const part of parts) bytes.push(part);
  const file = join(scratch, 'table.parquet');
  writeFileSync(file, Buffer.concat(bytes));
  const output = execFileSync(python, [join(dir, 'reader.py'), file], { maxBuffer: 2 ** 28 });
  return Object.entries(JSON.parse(output.toString()) as Record<string, Row[]>);
}

/** A value as the reader prints it. */
const shown = (value: unknown): unknown =>
  typeof value === 'bigint' ? { whole: String(value) } : (value ?? null);

test('rows of requests have every key of samples.jsonl, and the figures of the request', async () => {
  const header = headerOf({
    window: seconds(0, 1e7),
    origin: { epoch_ms: Date.parse('2026-01-01T00:00:00.123Z'), monotonic_ns: '0' },
  });
  const both = await readByBoth(renderParquet([await scoredRun(MIXED, { header })]));
  expect(both.map(([reader]) => reader)).toEqual(['duckdb', 'pyarrow']);
  const figures = new RequestFigures({ loop: 'open', clock: 'planned', deadlines: null });
  const keys = Object.keys(columnsOf(FULL));
  for (const [reader, rows] of both) {
    expect(rows).toHaveLength(MIXED.length);
    MIXED.forEach((sample, k) => {
      const recorded = columnsOf(sample);
      for (const key of keys)
        expect([reader, key, rows[k]![key]]).toEqual([reader, key, shown(recorded[key])]);
      expect(rows[k]!['run_origin']).toEqual({ instant: '2026-01-01T00:00:00.123000+00:00' });
      figures.read(sample);
      for (const metric of REQUEST_METRICS) {
        const value = figures.isMisleading(metric) ? null : figures.value(metric.name);
        expect([metric.name, rows[k]![metric.unit === 'ms' ? `${metric.name}_ms` : metric.name]]).toEqual([
          metric.name,
          value,
        ]);
      }
    });
  }
});

test('rows of events have the instants of every event', async () => {
  const both = await readByBoth(renderEventsParquet([await scoredRun(MIXED)]));
  const expected = MIXED.flatMap((sample) =>
    [...eventInstants(sample)].map((at) => [String(sample.i), String(at)]),
  );
  for (const [, rows] of both)
    expect(rows.map(({ i, at_us }) => [i, at_us])).toEqual(
      expected.map(([i, at]) => [{ whole: i }, { whole: at }]),
    );
});

test('a file without rows is read', async () => {
  for (const [, rows] of await readByBoth(renderParquet([await scoredRun([])]))) expect(rows).toEqual([]);
});
