import { describe, expect, test } from 'vitest';
import { REQUEST_METRICS } from '../../src/metrics/registry.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import type { RequestContext } from '../../src/metrics/request-figures.ts';
import type { Sample } from '../../src/sample.ts';
import vectors from '../vectors/requests.json' with { type: 'json' };
import { loopOf, sampleOf } from './samples.ts';

const OPEN: RequestContext = { loop: 'open', clock: 'planned', deadlines: null };

function figuresOf(sample: Sample, context: RequestContext = OPEN): RequestFigures {
  const figures = new RequestFigures(context);
  figures.read(sample);
  return figures;
}

function pooled(figures: RequestFigures, which: 'tokenGaps' | 'chunkGaps'): number[] {
  const values: number[] = [];
  figures[which]((gap_us, tokens) => {
    for (let i = 0; i < tokens; i++) values.push(gap_us / 1000 / tokens);
  });
  return values;
}

const near = (value: number): unknown =>
  expect.closeTo(value, 10 - Math.ceil(Math.log10(Math.abs(value) + 1)));

describe('given requests', () => {
  test.each(vectors.cases)('$name: $why', ({ loop, sample, expect: wanted, ...rest }) => {
    const deadlines = 'deadlines' in rest ? (rest.deadlines ?? null) : null;
    const figures = figuresOf(sampleOf(sample), { loop: loopOf(loop), clock: 'planned', deadlines });
    const { itl, chunk_gap, ...single } = wanted;
    const found = Object.fromEntries(
      REQUEST_METRICS.flatMap(({ name }) => {
        const value = figures.value(name);
        return value === null ? [] : [[name, value]];
      }),
    );
    expect(found).toEqual(
      Object.fromEntries(Object.entries(single).map(([name, value]) => [name, near(value)])),
    );
    expect(pooled(figures, 'tokenGaps')).toEqual(itl.map(near));
    expect(pooled(figures, 'chunkGaps')).toEqual(chunk_gap.map(near));
  });
});
