import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderPrometheus } from '../../src/render/run/prometheus.ts';
import type { Judged } from '../../src/render/run/text.ts';
import { type ExposedFamily, readExposition } from '../exposition.ts';
import { randomJudged } from '../render/random-report.ts';
import { failing, passing } from '../render/reports.ts';
import { cacheOf } from './readers.ts';

/** Prometheus' own Python client reads what `--format prometheus` writes as the reader of our tests does. */
const dir = cacheOf('prometheus');
const python = join(dir, 'venv', 'bin', 'python');
const scratch = mkdtempSync(join(tmpdir(), 'goodput-prometheus-'));
afterAll(() => rmSync(scratch, { recursive: true }));

beforeAll(() => {
  mkdirSync(dir, { recursive: true });
  cpSync(join(import.meta.dirname, 'readers', 'prometheus'), dir, { recursive: true });
  execFileSync('python3', ['-m', 'venv', join(dir, 'venv')]);
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'prometheus_client==0.22.1']);
}, 300_000);

const CASES: [string, Judged[]][] = [
  ['reports made by hand', [passing(), failing()]],
  ...[1, 2, 3, 4, 5].map((seed): [string, Judged[]] => [`random report ${seed}`, [randomJudged(seed)]]),
];

test.each(CASES)('%s', (_, runs) => {
  const file = join(scratch, 'metrics.prom');
  const text = renderPrometheus(runs);
  writeFileSync(file, text);
  const theirs = JSON.parse(
    execFileSync(python, [join(dir, 'reader.py'), file], { encoding: 'utf8' }),
  ) as Omit<ExposedFamily, 'help'>[];
  const ours = [...readExposition(text).values()].map(({ name, type, samples }) => ({ name, type, samples }));
  expect(theirs).toEqual(ours);
});
