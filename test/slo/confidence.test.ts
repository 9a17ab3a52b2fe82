import { describe, expect, it } from 'vitest';
import { formatCondition, parseGate, parseSlo } from '../../src/slo/grammar.ts';
import { METRICS } from '../../src/metrics/registry.ts';
import { hasInterval } from '../../src/slo/confidence.ts';

const read = (text: string) => {
  const gate = parseGate(text);
  if (!gate.ok) throw new Error(gate.problem.map(({ message }) => message).join('\n'));
  return gate.value;
};
const mistakesOf = (text: string): { message: string; offset: number }[] => {
  const gate = parseGate(text);
  return gate.ok ? [] : [...gate.problem];
};

describe('with … confidence', () => {
  it.each([
    ['attainment >= 90% with 95% confidence', 0.95],
    ['attainment>=90% with 0.95 confidence', 0.95],
    ['  attainment >= 90%   with  99.9%  confidence ', 0.999],
    ['ttft p99 <= 400ms with 50% confidence', 0.5],
    ['tpot mean <= 40ms with 90% confidence', 0.9],
    ['goodput_rpm >= 25 with 95% confidence', 0.95],
  ])('%j', (text, confidence) => {
    const gate = read(text);
    expect(gate.confidence).toBe(confidence);
    expect(gate.text).toMatch(/^\S+( p99| mean)? [<>]= \S+ with [\d.]+% confidence$/);
    // The canonical text is the same gate.
    expect(read(formatCondition(gate))).toEqual({ ...gate, text: formatCondition(gate) });
  });

  it('is absent if none is declared', () => {
    expect(read('attainment >= 90%')).not.toHaveProperty('confidence');
  });

  it.each([
    ['attainment >= 90% with 95%', 18, /write it like "with 95% confidence"/],
    ['attainment >= 90% with confidence', 18, /write it like "with 95% confidence"/],
    ['attainment >= 90% with 95% confidence please', 18, /cannot read/],
    ['attainment >= 90% with high confidence', 18, /invalid confidence "high"/],
    ['attainment >= 90% with 95 confidence', 18, /did you mean 95%\?/],
    ['attainment >= 90% with 100% confidence', 18, /from 50% to below 100%/],
    ['attainment >= 90% with 20% confidence', 18, /from 50% to below 100%/],
    ['ttft max <= 1s with 95% confidence', 15, /no interval for ttft max: .*"ttft max <= 200ms"/],
    ['itl p99 <= 30ms with 95% confidence', 16, /no interval for itl p99/],
    ['concurrency <= 5 with 95% confidence', 17, /no interval for concurrency: .* rps, rpm/],
  ])('%s', (text, offset, message) => {
    const [first, ...more] = mistakesOf(text);
    expect(more).toEqual([]);
    expect(first!.message).toMatch(message);
    expect(first!.offset).toBe(offset);
  });

  it('other mistakes of the gate are reported too', () => {
    expect(mistakesOf('ttft p99 >= 400ms with 20% confidence')).toHaveLength(2);
  });

  it('is not allowed in an SLO', () => {
    const slo = parseSlo('tpot <= 1s, ttft <= 200ms with 95% confidence');
    expect(slo).toMatchObject({
      ok: false,
      problem: [{ offset: 26, message: expect.stringContaining('belongs in a gate') as string }],
    });
  });

  it('is refused for exactly the figures without an interval', () => {
    for (const metric of METRICS) {
      const { name, kind, better, unit } = metric;
      const aggregation = kind === 'run' ? null : 'p95';
      const op = better === 'higher' ? '>=' : '<=';
      const limit = {
        ms: '1s',
        ratio: '1%',
        'tok/s': '5',
        'req/s': '5',
        'req/min': '5',
        requests: '5',
        currency: '5',
        J: '5',
      }[unit];
      const text = `${name}${aggregation === null ? '' : ' p95'} ${op} ${limit} with 95% confidence`;
      expect(parseGate(text).ok).toBe(hasInterval(metric, aggregation));
    }
  });
});
