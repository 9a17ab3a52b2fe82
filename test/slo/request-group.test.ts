import { describe, expect, test } from 'vitest';
import { formatCondition, type Gate, parseFigure, parseGate, parseSlo } from '../../src/slo/grammar.ts';
import { GROUP_KEYS, type RequestGroup, tokenRange } from '../../src/slo/request-group.ts';
import { randomStream } from '../../src/random.ts';

function gateOf(text: string): Gate {
  const read = parseGate(text);
  if (!read.ok) throw new Error(read.problem.map(({ message }) => message).join('; '));
  return read.value;
}

describe('a gate of a group', () => {
  test.each<[text: string, group: RequestGroup, regular: string]>([
    ['ttft p95 by turn=1 <= 300ms', { key: 'turn', name: '1' }, 'ttft p95 by turn=1 <= 300ms'],
    ['attainment by model=a >= 95%', { key: 'model', name: 'a' }, 'attainment by model=a >= 95%'],
    [
      'error_rate by source=x.jsonl<=1%',
      { key: 'source', name: 'x.jsonl' },
      'error_rate by source=x.jsonl <= 1%',
    ],
    ['ttft p95 by turn = 01 <= 300ms', { key: 'turn', name: '1' }, 'ttft p95 by turn=1 <= 300ms'],
    ['rps by model=org/m-1:8b>=5', { key: 'model', name: 'org/m-1:8b' }, 'rps by model=org/m-1:8b >= 5'],
    [
      'rps by input_tokens=128-255 >= 5',
      { key: 'input_tokens', name: '128–255' },
      'rps by input_tokens=128–255 >= 5',
    ],
    ['rps by output_tokens=1 >= 5', { key: 'output_tokens', name: '1' }, 'rps by output_tokens=1 >= 5'],
    ['rps by language=(none) >= 5', { key: 'language', name: '(none)' }, 'rps by language=(none) >= 5'],
    [
      'rps by source="a, <b>.jsonl" >= 5',
      { key: 'source', name: 'a, <b>.jsonl' },
      'rps by source="a, <b>.jsonl" >= 5',
    ],
    [
      String.raw`rps by "log type"="\"x\"" >= 5`,
      { key: 'log type', name: '"x"' },
      String.raw`rps by "log type"="\"x\"" >= 5`,
    ],
    ['rps by source="plain" >= 5', { key: 'source', name: 'plain' }, 'rps by source=plain >= 5'],
    ['rps by with=by >= 5', { key: 'with', name: 'by' }, 'rps by with=by >= 5'],
  ])('%s', (text, group, regular) => {
    const gate = gateOf(text);
    expect(gate.group).toEqual(group);
    expect(gate.text).toBe(regular);
    expect(gateOf(gate.text)).toEqual(gate);
  });

  test('may have a confidence', () => {
    expect(gateOf('attainment by turn=0 >= 90% with 95% confidence')).toMatchObject({
      group: { key: 'turn', name: '0' },
      value: 0.9,
      confidence: 0.95,
      text: 'attainment by turn=0 >= 90% with 95% confidence',
    });
  });

  test.each([
    ['ttft p95 by <= 300ms', 9, /no group after "by".*turn, model/],
    ['ttft p95 by turn <= 300ms', 16, /no group of turn.*"by turn=1"/],
    ['ttft p95 by turn= <= 300ms', 17, /no group of turn/],
    ['ttft p95 by turn=x <= 300ms', 17, /invalid turn "x".*turn=1/],
    ['ttft p95 by turn=-1 <= 300ms', 17, /invalid turn/],
    ['ttft p95 by turn=1.5 <= 300ms', 17, /invalid turn/],
    ['rps by input_tokens=100-200 >= 5', 20, /no group "100-200" of input_tokens.*did you mean 64-127\?/],
    ['rps by input_tokens=200 >= 5', 20, /did you mean 128-255\?/],
    ['rps by input_tokens=128-256 >= 5', 20, /did you mean 128-255\?/],
    ['rps by input_tokens=few >= 5', 20, /invalid range of tokens "few".*powers of two/],
    ['ttft p95 <= 300ms by turn=1', 18, /before the comparison/],
    ['ttft p95 by turn=1 by model=a <= 1s', 19, /one group per gate/],
    [String.raw`rps by source="\x" >= 5`, 14, /as in JSON/],
    [String.raw`rps by "\x"=a >= 5`, 7, /as in JSON/],
  ])('"%s" has a mistake at %d', (text, offset, message) => {
    const read = parseGate(text);
    const found = read.ok ? [] : read.problem.filter(({ part }) => part === 'group');
    expect(found).toEqual([{ part: 'group', offset, message: expect.stringMatching(message) as string }]);
  });

  test('the places of other mistakes do not change', () => {
    const read = parseGate('ttft p101 by turn=1 >= 40%');
    expect(read.ok ? [] : read.problem.map(({ part, offset }) => [part, offset])).toEqual([
      ['aggregation', 5],
      ['op', 20],
      ['limit', 23],
    ]);
    expect(read.ok ? [] : read.problem[1]!.message).toContain('ttft p99 by turn=1 <= ');
  });

  test('is no SLO, and no figure of a comparison', () => {
    for (const [read, word] of [
      [parseSlo('e2e<=1s,ttft by turn=1 <= 300ms'), 'SLO judges each request'],
      [parseFigure('ttft mean by turn=1'), 'groups are not compared'],
    ] as const) {
      const [found] = read.ok ? [] : read.problem;
      expect(found).toMatchObject({ part: 'group', message: expect.stringContaining(word) as string });
    }
    const slo = parseSlo('e2e<=1s,ttft by turn=1 <= 300ms');
    expect(slo.ok ? null : slo.problem[0]!.offset).toBe(13);
  });

  test('its canonical text parses to the same gate, whatever the names', () => {
    const random = randomStream(3, 'groups');
    const signs = ['a', 'B', '1', ' ', '"', '\\', '=', ',', '<', '≤', 'by', 'with', '\n', 'ü', '–', '%', '('];
    const word = (): string =>
      Array.from({ length: 1 + random.below(5) }, () => signs[random.below(signs.length)]).join('');
    for (let round = 0; round < 3000; round++) {
      const key = random.below(3) === 0 ? GROUP_KEYS[random.below(GROUP_KEYS.length)]! : word();
      const tokens = tokenRange(random.below(100_000));
      const name = key === 'turn' ? String(round) : key.endsWith('put_tokens') ? tokens : word();
      const gate: Gate = {
        metric: 'ttft',
        aggregation: 'p95',
        group: { key, name },
        op: '<=',
        value: 300,
        unit: 'ms',
        text: '',
      };
      const text = formatCondition(gate);
      expect(gateOf(text)).toEqual({ ...gate, text });
    }
  });
});

test('tokens are grouped by powers of two', () => {
  // Each group begins at a power of two and ends before the next one; no number is in two groups.
  expect([0, 1, 2, 3, 4, 127, 128, 255, 256].map(tokenRange)).toEqual([
    '0',
    '1',
    '2–3',
    '2–3',
    '4–7',
    '64–127',
    '128–255',
    '128–255',
    '256–511',
  ]);
  for (let k = 1; k <= 24; k++) {
    expect(tokenRange(2 ** k - 1)).not.toBe(tokenRange(2 ** k));
    expect(tokenRange(2 ** k)).toBe(`${2 ** k}–${2 ** (k + 1) - 1}`);
    expect(tokenRange(2 ** (k + 1) - 1)).toBe(tokenRange(2 ** k));
  }
});
