import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Op } from '../../src/slo/condition.ts';
import { formatCondition, missingLimits, parseGate, parseSlo, parseSloEntry } from '../../src/slo/grammar.ts';
import type { Gate, Reading, RequestSlo } from '../../src/slo/grammar.ts';
import { METRICS } from '../../src/metrics/registry.ts';
import { randomStream } from '../../src/random.ts';

type Condition = { metric: string; op: string; value: number; unit?: string; aggregation?: string | null };

interface Vectors {
  accept: [string, Condition][];
  reject: [string, string][];
}

const vectors: { slo_grammar: Vectors; gate_grammar: Vectors } = JSON.parse(
  readFileSync(new URL('../vectors/statistics.json', import.meta.url), 'utf8'),
);

const value = <T>(read: Reading<T>): T => {
  if (!read.ok) throw new Error(read.problem.map((each) => each.message).join('; '));
  return read.value;
};

const messages = (read: Reading<unknown>): string[] =>
  read.ok ? [] : read.problem.map((each) => each.message);

/** Returns a pattern for a message with all words of the reason of a vector, in its order. */
const wordsOf = (reason: string): RegExp =>
  new RegExp(
    reason
      .split(/[\s,]+/)
      .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^]*?'),
  );

describe('the list of SLOs', () => {
  test.each(vectors.slo_grammar.accept)('accepts %s', (text, expected) => {
    expect(value(parseSlo(text))).toMatchObject([expected]);
  });

  test.each(vectors.slo_grammar.reject)('rejects "%s": %s', (text, reason) => {
    const found = messages(parseSlo(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(wordsOf(reason));
  });

  test('reads several, and keeps the text with regular blanks', () => {
    const slos = value(parseSlo('  ttft<=0.2s,tpot   <=  100 ms , user_tps>=20 tok/s'));
    expect(slos.map((slo) => slo.text)).toEqual(['ttft <= 0.2s', 'tpot <= 100 ms', 'user_tps >= 20 tok/s']);
    expect(slos.map((slo) => slo.value)).toEqual([200, 100, 20]);
  });

  test('reports all mistakes, each with its place', () => {
    const text = 'ttft<=200, tpto<=1s,,e2e>=-1ms';
    const read = parseSlo(text);
    expect(read.ok).toBe(false);
    if (read.ok) return;
    const places = read.problem.map((each) => [
      each.part,
      each.offset,
      text.slice(each.offset, each.offset + 4),
    ]);
    expect(places).toEqual([
      ['limit', 6, '200,'],
      ['metric', 11, 'tpto'],
      ['metric', 20, ',e2e'],
      ['op', 24, '>=-1'],
      ['limit', 26, '-1ms'],
    ]);
  });

  test.each([
    ['ttft', /no comparison.*"ttft <= 200ms"/],
    ['ttft 200ms', /no comparison/],
    ['<=200ms', /no metric/],
    ['ttft<200ms', /no such comparison "<".*"ttft <= 200ms"/],
    ['ttft==200ms', /no such comparison "=="/],
    ['ttft≤200ms', /no such comparison "≤"/],
    ['ttft<=200ms<=300ms', /cannot read the limit/],
    ['ttft<=1e999s', /cannot read/],
    ['user_tps>=1e999', /cannot read/],
    ['ttft<=.', /cannot read/],
    ['ttft<=NaNms', /cannot read/],
    ['ttft<=200sec', /cannot read/],
    ['ttft<=5/s', /wrong unit: 5\/s is a rate, and ttft takes a duration/],
    ['user_tps>=200ms', /wrong unit: 200ms is a duration, and user_tps takes tokens per second/],
    ['user_tps>=20 req/s', /wrong unit/],
    ['user_tps<=20', /wrong direction for a metric where higher is better/],
    ['TTFT<=200ms', /unknown metric "TTFT", did you mean ttft\?/],
    ['ttft_p99<=200ms', /a percentile belongs in a gate/],
    ['p99 ttft<=200ms', /a percentile belongs in a gate/],
    ['ttft mean<=200ms', /"mean" belongs in a gate/],
    ['speed<=1s', /unknown metric "speed"; valid are ttft, /],
    ['little<=1.1', /little is a run metric/],
    ['on_time_share>=110%', /a share cannot pass 100%/],
    ['on_time_share>=95', /did you mean 95%\?/],
    ['on_time_share>=95%', /on_time_share .* ttft and tpot: declare/],
    ['ttft<=200ms,on_time_share>=95%', /limits of ttft and tpot/],
  ])('refuses "%s" with a fix', (text, pattern) => {
    const found = messages(parseSlo(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(pattern);
  });

  test('a share of tokens on time needs the two limits of its deadlines', () => {
    const slos = value(parseSlo('on_time_share>=95%,ttft<=200ms,tpot<=50ms'));
    expect(slos[0]).toMatchObject({ metric: 'on_time_share', value: 0.95, unit: 'ratio' });
    expect(missingLimits(slos)).toBeNull();
    expect(missingLimits(slos.slice(0, 2))).toMatch(/tpot/);
  });
});

describe('an entry of the SLO map', () => {
  test('takes its comparison from the better direction', () => {
    expect(value(parseSloEntry('ttft', '0.2s'))).toEqual({
      metric: 'ttft',
      op: '<=',
      value: 200,
      unit: 'ms',
      text: 'ttft <= 0.2s',
    });
    expect(value(parseSloEntry('user_tps', 20))).toMatchObject({
      op: '>=',
      value: 20,
      text: 'user_tps >= 20',
    });
  });

  test.each<[string, unknown, string, RegExp]>([
    ['ttft', 200, 'limit', /a duration needs its unit: write 200ms or 200s/],
    ['ttft', null, 'limit', /no limit/],
    ['ttft', true, 'limit', /ttft takes a duration/],
    ['ttft', ['200ms'], 'limit', /ttft takes a duration/],
    ['ttft', '<= 200ms', 'limit', /limit without a comparison/],
    ['tfft', '200ms', 'metric', /did you mean ttft/],
    ['itl', '30ms', 'metric', /pooled/],
    ['ttft p99', '30ms', 'metric', /unknown metric/],
  ])('%s: %j is refused', (name, limit, part, pattern) => {
    const read = parseSloEntry(name, limit);
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.problem).toHaveLength(1);
    expect(read.problem[0]).toMatchObject({ part, offset: 0 });
    expect(read.problem[0]!.message).toMatch(pattern);
  });
});

describe('a gate', () => {
  test.each(vectors.gate_grammar.accept)('accepts %s', (text, expected) => {
    const gate = value(parseGate(text));
    expect(gate).toMatchObject({ ...expected, value: expect.closeTo(expected.value, 12) });
  });

  test.each(vectors.gate_grammar.reject)('rejects "%s": %s', (text, reason) => {
    const found = messages(parseGate(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(wordsOf(reason));
  });

  test.each([
    ['goodput_rpm >= 25/s', 1500],
    ['goodput_rpm >= 29/min', 29],
    ['goodput_rpm >= 29 req/min', 29],
    ['goodput_rps >= 300/min', 5],
    ['rps >= 3600/h', 1],
    ['rpm >= 60/h', 1],
    ['output_tps >= 60k/min', 1000],
    ['output_tps >= 1k', 1000],
    ['attainment >= 99.9%', 999 / 1000],
    ['error_rate <= 0.7%', 7 / 1000],
    ['error_rate <= 0', 0],
    ['max_concurrency <= 64', 64],
    ['max_concurrency >= 64', 64],
    ['little <= 1.1', 1.1],
    ['queue_wait p99 <= 0', 0],
    ['on_time_share mean >= 95%', 0.95],
    ['user_tps p5 >= 10', 10],
  ])('%s has the limit %d, exactly', (text, limit) => {
    expect(value(parseGate(text)).value).toBe(limit);
  });

  test.each([
    ['ttft p050.0<=1s', 'p50'],
    ['ttft p99.90<=1s', 'p99.9'],
    ['ttft p0.5<=1s', 'p0.5'],
    ['ttft p100.0<=1s', null],
    ['ttft p0.00<=1s', null],
  ])('%s names the percentile %s', (text, name) => {
    const read = parseGate(text);
    expect(read.ok ? read.value.aggregation : null).toBe(name);
  });

  test.each([
    ['', /empty/],
    ['ttft', /no comparison.*"ttft p99 <= 200ms"/],
    ['ttft p99', /no comparison/],
    ['ttft p99 <=', /no limit.*"ttft p99 <= 200ms"/],
    ['ttft p99 >= 1s', /wrong direction/],
    ['error_rate >= 1%', /wrong direction/],
    ['error_rate <= 1', /always true.*"error_rate <= 1%"/],
    ['error_rate <= 100%', /always true/],
    ['attainment >= 90', /a share cannot pass 100%.*did you mean 90%\?/],
    ['attainment >= -5%', /negative/],
    ['attainment >= 90ms', /wrong unit/],
    ['ttft_p99 <= 1s', /did you mean "ttft p99"\?/],
    ['ttft.avg <= 1s', /did you mean "ttft mean"\?/],
    ['p99 ttft <= 1s', /did you mean "ttft p99"\?/],
    ['ttft median <= 1s', /did you mean p50\?/],
    ['ttft P99 <= 1s', /did you mean p99\?/],
    ['ttft stddev <= 1s', /valid are mean, min, max and percentiles/],
    ['ttft p99 p50 <= 1s', /unexpected "p50"/],
    ['rps mean >= 5', /a rate has no "mean"/],
    ['attainment p99 >= 5%', /a figure of the run has no percentile/],
    ['attainment >= 90%, ttft p99 <= 1s', /one condition per gate/],
    ['goodput >= 5', /unknown metric "goodput", did you mean goodput_rps or goodput_rpm or goodput_tps\?/],
    ['latency p99 <= 1s', /unknown metric "latency"; valid are ttft, .*, energy_per_good_request$/],
    ['rps_max >= 5', /unknown metric "rps_max"; valid are/],
  ])('refuses "%s" with a fix', (text, pattern) => {
    const found = messages(parseGate(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(pattern);
  });

  test('mistakes of several parts are reported together', () => {
    expect(messages(parseGate('ttft p101 >= 40%'))).toHaveLength(3);
  });
});

describe('properties', () => {
  const random = randomStream(7, 'grammar');
  const blanks = (): string => ' '.repeat(random.below(3));

  const limitFor = (unit: string, share: boolean): number => {
    if (share) return random.below(1_000_000) / 1_000_000;
    return unit === 'ms' ? random.below(1e9) / 1000 : random.uniform() * 10 ** random.below(7);
  };

  test('the canonical text of any condition parses to the same condition', () => {
    for (let round = 0; round < 5000; round++) {
      const metric = METRICS[random.below(METRICS.length)]!;
      const op: Op = metric.better === 'higher' ? '>=' : '<=';
      const limit = limitFor(metric.unit, metric.isShare);
      const aggregation =
        metric.kind === 'run' ? null : ['mean', 'min', 'max', `p${1 + random.below(99)}`][random.below(4)]!;
      const gate: Gate = { metric: metric.name, op, value: limit, unit: metric.unit, aggregation, text: '' };
      const text = formatCondition(gate);
      expect(value(parseGate(text))).toEqual({ ...gate, text });
      const spread = text
        .replaceAll(' ', () => ` ${blanks()}`)
        .replaceAll(/ *([<>]=) */g, `${blanks()}$1${blanks()}`);
      expect(value(parseGate(spread))).toEqual({ ...gate, text });
    }
  });

  test('the canonical text of a list of SLOs parses to the same list', () => {
    const known = METRICS.filter((metric) => metric.kind === 'request' && metric.name !== 'on_time_share');
    for (let round = 0; round < 500; round++) {
      const slos: RequestSlo[] = known
        .filter(() => random.below(3) === 0)
        .map((metric) => {
          const op: Op = metric.better === 'higher' ? '>=' : '<=';
          const slo = {
            metric: metric.name,
            op,
            value: limitFor(metric.unit, metric.isShare),
            unit: metric.unit,
            text: '',
          } satisfies RequestSlo;
          return Object.assign(slo, { text: formatCondition(slo) });
        });
      if (slos.length === 0) continue;
      expect(value(parseSlo(slos.map((slo) => slo.text).join(',')))).toEqual(slos);
    }
  });

  test('mistakes in random text have an offset within it', () => {
    const pieces = [
      'ttft',
      'itl',
      'rps',
      'p99',
      'mean',
      '<=',
      '>=',
      '=',
      '<',
      ' ',
      ',',
      '200ms',
      '5/s',
      '90%',
      '-',
      '1',
      'x',
      '\t',
    ];
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: random.below(9) }, () => pieces[random.below(pieces.length)]!).join(
        '',
      );
      for (const read of [parseSlo(text), parseGate(text)]) {
        if (read.ok) continue;
        expect(read.problem.length).toBeGreaterThan(0);
        for (const mistake of read.problem) {
          expect(mistake.offset).toBeGreaterThanOrEqual(0);
          expect(mistake.offset).toBeLessThanOrEqual(text.length);
          expect(mistake.message).not.toMatch(/undefined|null|NaN/);
        }
      }
    }
  });
});
