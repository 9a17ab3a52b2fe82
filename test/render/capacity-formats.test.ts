import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { documentOf } from '../../src/capacity/capacity-document.ts';
import type { FoundCapacity } from '../../src/render/capacity/capacity.ts';
import { CAPACITIES } from '../../src/render/exporters.ts';
import { searched, SETTINGS } from '../capacity/found-capacity.ts';
import { readExposition } from '../exposition.ts';
import { COMMAND, commandsOf } from './annotations.ts';
import { childrenNamed, parsedXml } from './xml.ts';

const style = { color: false, unicode: true, width: 80 };

const printed = (found: FoundCapacity, format: string): string =>
  CAPACITIES.exporters.find((each) => each.format === format)!.render(found, style);

/** Every kind of answer, with its exit code. */
const ANSWERS: [what: string, exitCode: number, answer: () => Promise<FoundCapacity>][] = [
  ['estimated', 0, () => searched({ capacity: 40, slope: 8 })],
  ['never_met', 0, () => searched({ capacity: 40, slope: 8, attainment: () => 0.2 })],
  ['client_limited', 98, () => searched({ capacity: 400, slope: 8, client: 30 })],
  ['undecided', 98, () => searched({ capacity: 40, slope: 8 }, { budget_s: 60 })],
];

describe.each(ANSWERS)('%s', (status, exitCode, answer) => {
  test('is in every format, with its exit code', async () => {
    const found = await answer();
    expect(found.document).toMatchObject({
      status,
      verdict: { status: exitCode === 0 ? 'none' : 'invalid', exitCode },
    });
    const rows = parse(printed(found, 'csv'), { columns: true, record_delimiter: '\r\n' }) as Record<
      string,
      string
    >[];
    expect(rows).toHaveLength(found.document.probes.length);
    rows.forEach((row, at) => {
      const probe = found.document.probes[at]!;
      expect(row).toMatchObject({
        status,
        exit_code: String(exitCode),
        probe: String(at + 1),
        kind: probe.kind,
      });
      expect(row['attainment']).toBe(String(probe.attainment.value ?? ''));
      expect(row['capacity_rps']).toBe(String(found.document.capacity_rps ?? ''));
    });

    const [suite] = childrenNamed(parsedXml(printed(found, 'junit')), 'testsuite');
    expect(suite!.attributes).toMatchObject({
      tests: '1',
      failures: '0',
      errors: exitCode === 0 ? '0' : '1',
    });

    const text = printed(found, 'github');
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(COMMAND);
    const [level, , message] = commandsOf(text)[0]!;
    expect(level === 'error').toBe(exitCode !== 0);
    expect(message).toContain(found.document.reason);
    expect(message).toContain(`(exit ${exitCode})`);

    const families = readExposition(printed(found, 'prometheus'));
    expect(families.get('goodput_capacity_exit_code')!.samples[0]!.value).toBe(exitCode);
    const state = families.get('goodput_capacity_status')!.samples.filter(({ value }) => value === 1);
    expect(state.map(({ labels }) => labels['status'])).toEqual([status]);
    expect(families.get('goodput_capacity_rps')?.samples[0]!.value ?? null).toBe(found.document.capacity_rps);

    const [title, ...blocks] = printed(found, 'markdown').split('\n\n');
    expect(title).toMatch(/^### \S+ .*: `chat`, /);
    for (const table of blocks.filter((block) => block.startsWith('|'))) {
      const widths = table
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' | ').length);
      expect(new Set(widths).size).toBe(1);
    }
  });
});

test('a name is never a command, a formula or markup', async () => {
  const found = await searched({ capacity: 40, slope: 8 }, {}, { name: '=1\n::error::x`|<b>' });
  for (const line of printed(found, 'github').trimEnd().split('\n')) expect(line).toMatch(COMMAND);
  expect(printed(found, 'csv').split('\r\n')[1]).toMatch(/^false,'=1/);
  parsedXml(printed(found, 'junit'));
  readExposition(printed(found, 'prometheus'));
  expect(printed(found, 'markdown').split('\n\n')[0]).not.toMatch(/[<]b>/);
});

test('a search without windows has one row without values', () => {
  const document = documentOf({ windows: [], stopped: 'budget', posterior: null }, SETTINGS, null);
  const context = { name: 'chat', endpoint: 'simulated', slo: [], dir: 'd', stored: false };
  const rows = parse(printed({ document, context }, 'csv'), { columns: true }) as Record<string, string>[];
  expect(rows).toMatchObject([{ status: 'unanswered', exit_code: '98', probe: '', attainment: '' }]);
});

test('a search for users says how many, and how long each thinks; one for sessions counts them', async () => {
  const sessions = { think: '5s on average (exponential)' };
  const users = await searched({ capacity: 40, slope: 8 }, { axis: 'concurrency' }, { sessions });
  const text = printed(users, 'text').replaceAll(/\s+/g, ' ');
  expect(text).toMatch(
    /[\d.]+ users, each with a think time of 5s on average \(exponential\), .* with attainment/,
  );
  expect(users.document).toMatchObject({ by: 'concurrency', unit: 'sessions', ...sessions });
  for (const format of ['text', 'markdown', 'html'])
    expect(printed(users, format)).not.toContain('in flight');
  const rate = await searched({ capacity: 40, slope: 8 }, {}, { sessions });
  expect(printed(rate, 'text')).toMatch(/[\d.]+ sessions\/s with attainment/);
  // The column beside the load counts turns.
  expect(printed(rate, 'markdown')).toContain('offered req/s');
  expect(printed(await searched({ capacity: 40, slope: 8 }), 'markdown')).not.toContain('offered req/s');
});
