import { beforeAll, describe, expect, test } from 'vitest';
import { documentOf as capacityOf } from '../../src/capacity/capacity-document.ts';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import { compare } from '../../src/compare/comparison.ts';
import { rank } from '../../src/compare/ranking.ts';
import { DEFAULT_SETTINGS } from '../../src/compare/comparison-document.ts';
import { CAPACITIES, COMPARISONS, EXPORTERS, SWEEPS, type TextExporter } from '../../src/render/exporters.ts';
import type { Judged } from '../../src/render/run/text.ts';
import { documentOf as sweepOf, type SweepPoint } from '../../src/sweep/sweep-document.ts';
import { toSummary } from '../../src/verdict/summary.ts';
import { withTtft } from '../compare/runs.ts';
import * as reports from './reports.ts';
import { childrenNamed, parsedXml } from './xml.ts';

const style = { color: false, unicode: true, width: 60 };

const runOf = (simulated: boolean): Judged => (simulated ? reports.simulated() : reports.passing());

const pointOf = ({ report, audit, verdict }: Judged): SweepPoint => ({
  point: 1,
  repeat: 1,
  seed: 1,
  rate_rps: 5,
  concurrency: null,
  input_tokens: null,
  output_tokens: null,
  run: 'point-001',
  status: 'complete',
  summary: toSummary(report, audit, verdict),
});

const endpoint = { api: 'chat' as const, model: null, said: {} };
const sideOf = (simulated: boolean): Promise<ComparedRun[]> =>
  Promise.all(
    [50, 52].map((ttft, k) =>
      withTtft(() => ttft, {
        seed: k,
        endpoint: { ...endpoint, url: 'http://127.0.0.1/v1', simulated },
      }),
    ),
  );

/** Every kind of results with its formats, for simulated and other endpoints. */
type Printer = (simulated: boolean, format: string) => string;
const KINDS: [kind: string, formats: readonly string[], print: Printer][] = [];
const printerOf =
  <T>(exporters: readonly TextExporter<T>[], found: (simulated: boolean) => T): Printer =>
  (simulated, format) =>
    exporters.find((each) => each.format === format)!.render(found(simulated), style);

let sides: Record<'true' | 'false', ComparedRun[][]>;
const sidesOf = (simulated: boolean): ComparedRun[][] => sides[`${simulated}`];

const formats = <T>(exporters: readonly TextExporter<T>[]): string[] => exporters.map(({ format }) => format);
KINDS.push(
  ['a run', formats(EXPORTERS), printerOf(EXPORTERS, (simulated) => [runOf(simulated)])],
  [
    'a comparison',
    formats(COMPARISONS.exporters),
    printerOf(COMPARISONS.exporters, (simulated) => {
      const [base, next] = sidesOf(simulated);
      return { compared: compare({ base: base!, new: next! }), sides: [base!, next!] };
    }),
  ],
  [
    'a ranking',
    formats(COMPARISONS.exporters),
    printerOf(COMPARISONS.exporters, (simulated) => {
      const sides = sidesOf(simulated);
      const contenders = sides.map((runs, k) => ({ name: 'abc'[k]!, runs }));
      return { compared: rank(contenders, DEFAULT_SETTINGS), sides };
    }),
  ],
  [
    'a capacity search',
    formats(CAPACITIES.exporters),
    printerOf(CAPACITIES.exporters, (simulated) => ({
      document: capacityOf(
        { windows: [], stopped: 'budget', posterior: null },
        { axis: 'rate', target: 0.9 },
        null,
        simulated,
      ),
      context: { name: 'chat', endpoint: 'http://h/v1', slo: [], dir: 'd', stored: false },
    })),
  ],
  [
    'a sweep',
    formats(SWEEPS.exporters),
    printerOf(SWEEPS.exporters, (simulated) => ({
      document: sweepOf({ name: 'sweep', seed: 1, planned: 1, simulated }, [pointOf(runOf(simulated))]),
      dir: 'd',
    })),
  ],
);

beforeAll(async () => {
  const [a, b, c, d, e, f] = await Promise.all([true, true, true, false, false, false].map(sideOf));
  sides = { true: [a!, b!, c!], false: [d!, e!, f!] };
});

const firstLine = (text: string): string => text.split('\n')[0]!;

/** Returns true if a document is marked as simulated, by its format. */
const MARKED: Record<string, (text: string) => boolean> = {
  text: (text) => firstLine(text).includes('SIMULATED'),
  json: (text) => {
    const [[key, value] = []] = Object.entries(JSON.parse(text) as object);
    return key === 'simulated' && value === true;
  },
  markdown: (text) => /^### .*SIMULATED/.test(firstLine(text)),
  junit: (text) =>
    childrenNamed(parsedXml(text), 'testsuite').every(({ attributes }) =>
      attributes['name']!.endsWith('(SIMULATED)'),
    ),
  github: (text) => /^::\w+ title=[^:]*\(SIMULATED\)::/.test(text),
  csv: (text) => {
    const [head, ...rows] = text.trimEnd().split('\r\n');
    expect(head).toMatch(/^simulated,/);
    expect(head!.match(/(^|,)simulated(?=,|$)/g)).toHaveLength(1);
    return rows.every((row) => row.startsWith('true,'));
  },
  prometheus: (text) => text.startsWith('# SIMULATED'),
  html: (text) => firstLine(text).includes('SIMULATED'),
  series: (text) => MARKED['json']!(text),
};

describe.each(KINDS)('%s', (_, known, print) => {
  test.each(known)('the first line of %s says whether the endpoint was simulated', (format) => {
    expect(MARKED[format]!(print(true, format))).toBe(true);
    expect(MARKED[format]!(print(false, format))).toBe(false);
    if (format !== 'csv') expect(print(false, format)).not.toMatch(/SIMULATED|"simulated": true/);
  });
});
