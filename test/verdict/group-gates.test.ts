import { describe, expect, it } from 'vitest';
import { analyzeGroups } from '../../src/analysis/groups.ts';
import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { type Gate, parseGate } from '../../src/slo/grammar.ts';
import { judge, type Verdict } from '../../src/verdict/judge.ts';
import { headerOf, slosOf } from '../analysis/headers.ts';
import { failed, requests, run } from '../analysis/run.ts';

function gateOf(text: string): Gate {
  const gate = parseGate(text);
  if (!gate.ok) throw new Error(gate.problem[0]!.message);
  return gate.value;
}

async function verdictOn(
  samples: readonly Sample[],
  texts: readonly string[],
  header: RunHeader = headerOf(),
): Promise<Verdict> {
  const slos = slosOf({ ttft: 200 });
  const { report, values, extent } = await run(samples, { header, limits: { ttft: 200 } });
  const gates = texts.map(gateOf);
  const selection = { keys: [], groups: gates.flatMap(({ group }) => group ?? []) };
  const groups = await analyzeGroups(header, '', () => samples, slos, extent, selection);
  return judge(report, values, { status: 'valid' }, gates, { strict: false, groups });
}

/** 100 requests: those of model b have a TTFT of 500 ms and miss the SLO, every tenth request fails and is of model c. */
const SAMPLES = requests(100, (i) => {
  if (i % 10 === 9) return { ...failed('timeout'), tags: { model: 'c' } };
  if (i % 2 === 0) return { tags: { model: 'a' } };
  const at = i * 100_000;
  return { tags: { model: 'b' }, events_us: [at + 500_000, 20_000], ended_us: at + 520_000 };
});

describe('a gate of a group', () => {
  it.each<[text: string, value: number, pass: boolean]>([
    ['ttft p95 by model=a <= 100ms', 50, true],
    ['ttft p95 by model=b <= 100ms', 500, false],
    ['attainment by model=a >= 100%', 1, true],
    ['attainment by model=b >= 1%', 0, false],
    ['error_rate by model=b <= 0%', 0, true],
    ['error_rate by model=c <= 50%', 1, false],
    // 50 requests in a window of 60 s.
    ['rpm by model=a >= 50', 50, true],
    ['rpm by model=a >= 50.1', 50, false],
    // The run as a whole: 50 of 100 are good.
    ['attainment >= 51%', 0.5, false],
  ])('%s is judged by %d', async (text, value, pass) => {
    const { gates, status } = await verdictOn(SAMPLES, [text]);
    expect(gates).toMatchObject([{ gate: text, value, pass }]);
    expect(status).toBe(pass ? 'pass' : 'fail');
  });

  it('has its key and its group', async () => {
    const { gates } = await verdictOn(SAMPLES, ['attainment by model=a >= 100%']);
    expect(Object.entries(gates[0]!)).toEqual([
      ['gate', 'attainment by model=a >= 100%'],
      ['by', 'model'],
      ['group', 'a'],
      ['value', 1],
      ['unit', 'ratio'],
      ['pass', true],
    ]);
  });

  it.each([
    ['ttft p95 by turn=3 <= 1s', /no request has turn "3"; groups: 0/],
    ['ttft p95 by modl=a <= 1s', /no request has "modl".*did you mean model\?/],
    ['ttft p95 by model=B <= 1s', /no request has model "B"; did you mean b\?/],
    ['ttft p95 by model=c <= 1s', /too many requests failed/],
    ['queue_wait p95 by model=a <= 1s', /no request in this group/],
  ])('without data fails: %s', async (text, reason) => {
    const { gates, status } = await verdictOn(SAMPLES, [text]);
    expect(gates).toMatchObject([
      { value: null, pass: false, reason: expect.stringMatching(reason) as string },
    ]);
    expect(status).toBe('fail');
  });

  it('without the groups of the run fails too', async () => {
    const { report, values } = await run(SAMPLES);
    const gates = [gateOf('attainment by model=a >= 1%')];
    expect(judge(report, values, { status: 'valid' }, gates, { strict: false }).status).toBe('fail');
  });

  it('few samples make it uncertain, by the number of the group', async () => {
    const samples = requests(400, (i) => ({ turn: i < 20 ? 1 : 0 }));
    const { gates } = await verdictOn(samples, ['ttft p95 by turn=0 <= 1s', 'ttft p95 by turn=1 <= 1s']);
    expect(gates.map(({ uncertain }) => uncertain)).toEqual([undefined, true]);
  });

  it('with confidence is judged by the interval of the group', async () => {
    const samples = requests(2000, (i) => ({ turn: i % 2, ...(i % 20 === 1 ? failed('timeout') : {}) }));
    const header = headerOf({ window: { start_us: 0, end_us: 200_000_000 } });
    const texts = [
      'attainment by turn=0 >= 99% with 95% confidence',
      'attainment by turn=1 >= 95% with 95% confidence',
    ];
    const { gates } = await verdictOn(samples, texts, header);
    const alone = await Promise.all(
      [0, 1].map((turn) =>
        run(
          samples.filter((each) => (each.turn ?? 0) === turn),
          { header },
        ),
      ),
    );
    for (const [k, gate] of gates.entries()) {
      const { low, high } = alone[k]!.values.bounds('attainment', null, 0.95)!;
      expect(gate).toMatchObject({ low, high });
    }
    expect(gates.map(({ pass }) => pass)).toEqual([true, false]);
  });

  it('lost requests may belong to the group: they count as bad, and make it uncertain', async () => {
    // 5 of 105 planned requests left no record.
    const header = headerOf({ planned: 105 });
    const { gates } = await verdictOn(
      SAMPLES,
      ['attainment by model=a >= 90%', 'error_rate by model=a <= 5%', 'ttft p50 by model=a <= 1s'],
      header,
    );
    expect(gates).toMatchObject([
      { value: 50 / 55, pass: true, uncertain: true },
      { value: 5 / 55, pass: false, uncertain: true },
      { value: 50, pass: true, uncertain: true },
    ]);
  });
});
