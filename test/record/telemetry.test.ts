import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeScrape, readTelemetry, type Scrape, TELEMETRY_FILE } from '../../src/record/telemetry.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'goodput-telemetry-'));
});
afterEach(() => rm(dir, { recursive: true }));

const SCRAPES: Scrape[] = [
  {
    target: 'http://127.0.0.1:8000/metrics',
    sentUs: -2000,
    receivedUs: -1000,
    values: { 'name{label="x\\"}\\n"}': 1.5, ü: 2 },
    error: null,
  },
  { target: 'nvidia-smi', sentUs: 5, receivedUs: 9, values: null, error: 'timeout after 5s' },
];

const write = (lines: readonly string[]) => writeFile(join(dir, TELEMETRY_FILE), lines.join('\n'));

test('a line has the keys of its format', () => {
  expect(JSON.parse(encodeScrape(SCRAPES[0]!))).toEqual({
    target: 'http://127.0.0.1:8000/metrics',
    sent_us: -2000,
    received_us: -1000,
    values: { 'name{label="x\\"}\\n"}': 1.5, ü: 2 },
  });
  expect(Object.keys(JSON.parse(encodeScrape(SCRAPES[1]!)) as object)).toEqual([
    'target',
    'sent_us',
    'received_us',
    'error',
  ]);
});

test('scrapes are read as they were written, and a torn last line is omitted', async () => {
  await write([...SCRAPES.map(encodeScrape), '']);
  expect(await readTelemetry(dir)).toEqual(SCRAPES);
  await appendFile(join(dir, TELEMETRY_FILE), '{"target":"http://1');
  expect(await readTelemetry(dir)).toEqual(SCRAPES);
  expect(await readTelemetry(dir, (series) => series === 'ü')).toMatchObject([{ values: { ü: 2 } }, {}]);
});

test('a damaged line before the last is an error with its place', async () => {
  await write(['{"target":"http://1', encodeScrape(SCRAPES[0]!), '']);
  await expect(readTelemetry(dir)).rejects.toThrow(`${TELEMETRY_FILE}:1`);
  await write([encodeScrape(SCRAPES[0]!), '{"target":1,"sent_us":0,"received_us":0}']);
  await expect(readTelemetry(dir)).rejects.toThrow(/:2.*target/);
});

test('a run without telemetry has none', async () => {
  expect(await readTelemetry(dir)).toBeNull();
});
