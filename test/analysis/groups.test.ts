import { describe, expect, it } from 'vitest';
import { analyzeGroups, type GroupAnalyses } from '../../src/analysis/groups.ts';
import { valueOf } from '../../src/analysis/request-groups.ts';
import { GoodputError } from '../../src/errors.ts';
import { randomStream } from '../../src/random.ts';
import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf, seconds, slosOf } from './headers.ts';
import { failed, requests, run } from './run.ts';

const LIMITS = { ttft: 400 };

/** Requests of any length in sessions of three turns, of two models and some sources; some fail, some are cut off. */
function mixed(count: number, seed: number): Sample[] {
  const random = randomStream(seed, 'groups');
  return requests(count, (i) => {
    const at = i * 100_000;
    const [ttft, gap] = [random.below(900_000), random.below(200_000)];
    const tags = {
      model: ['base', 'lora-a'][random.below(2)]!,
      ...(random.below(3) === 0 ? {} : { source: `part-${random.below(3)}.jsonl` }),
    };
    const group = {
      session: Math.floor(i / 3),
      turn: i % 3,
      tags,
      input_tokens: random.below(4) === 0 ? null : random.below(2000),
      planned_input: random.below(2000),
      cached_tokens: 0,
    };
    if (random.below(12) === 0) return { ...group, ...failed('timeout', { ended_us: at + ttft }) };
    if (random.below(12) === 0)
      return { ...group, outcome: 'aborted', events_us: [at + ttft], ended_us: at + 900_000 };
    return { ...group, events_us: [at + ttft, gap], ended_us: at + ttft + gap };
  });
}

async function groupsOf(
  samples: readonly Sample[],
  keys: readonly string[],
  header: RunHeader = headerOf(),
): Promise<GroupAnalyses> {
  const { extent } = await run(samples, { header, limits: LIMITS });
  const selection = { keys, groups: [] };
  return analyzeGroups(header, 'reports/run', () => samples, slosOf(LIMITS), extent, selection);
}

describe('the figures of a group', () => {
  it.each<[string, RunHeader]>([
    ['by duration', headerOf({ window: seconds(5, 35) })],
    ['by number', headerOf({ window: seconds(0, 40), load: { requests: 400, duration_s: null } })],
    ['in closed loop', headerOf({ window: seconds(5.5, 35), load: { loop: 'closed', concurrency: 4 } })],
    ['from the send', headerOf({ window: seconds(5, 35), load: { clock: 'sent' } })],
    [
      'of an imported run',
      headerOf({ window: seconds(5, 35), imported: { tool: 'x', files: [], lacks: ['gaps'] } as never }),
    ],
  ])('are those of a run with only its requests: %s', async (_, header) => {
    const samples = mixed(400, 3);
    for (const key of ['turn', 'model', 'source', 'input_tokens', 'output_tokens']) {
      const groups = await groupsOf(samples, [key], header);
      const rows = groups.rows(key);
      expect(rows.length).toBeGreaterThan(1);
      let requestsInGroups = 0;
      for (const { group: name, ...row } of rows) {
        const own = samples.filter((sample) => (valueOf(sample, key, null) ?? '(none)') === name);
        const alone = await run(own, { header, limits: LIMITS });
        const found = groups.analysisOf({ key, name })!;
        expect(found.report).toEqual(alone.report);
        for (const [metric, figure] of [
          ['ttft', 'p42'],
          ['e2e', 'mean'],
          ['goodput_rpm', null],
        ] as const) {
          expect(found.values.value(metric, figure)).toEqual(alone.values.value(metric, figure));
          const bounds = alone.values.bounds(metric, figure, 0.95);
          expect(found.values.bounds(metric, figure, 0.95)?.low).toBe(bounds?.low);
        }
        const { counts, rates, metrics, tokens } = alone.report;
        expect(row).toEqual({
          count: counts.cohort,
          judged: counts.judged,
          good: counts.good,
          failed: counts.failed,
          attainment: rates.attainment,
          error_rate: rates.error_rate,
          metrics: { ttft: metrics['ttft'], tpot: metrics['tpot'], e2e: metrics['e2e'] },
          tokens,
        });
        requestsInGroups += row.count;
      }
      const { report } = await run(samples, { header, limits: LIMITS });
      expect(requestsInGroups).toBe(report.counts.cohort);
    }
  });

  it('by hand: two turns of three sessions', async () => {
    // TTFT of the first turns 100, 200, 300 ms, of the second turns 10, 20 ms and a failure.
    const ttft = [100, 10, 200, 20, 300, null];
    const samples = requests(6, (i) => {
      const at = i * 100_000;
      const turn = {
        session: Math.floor(i / 2),
        turn: i % 2,
        input_tokens: 100 + i,
        cached_tokens: i % 2 ? 50 : 0,
      };
      if (ttft[i] === null) return { ...turn, ...failed('timeout') };
      return { ...turn, events_us: [at + ttft[i]! * 1000, 20_000], ended_us: at + ttft[i]! * 1000 + 20_000 };
    });
    const rows = (await groupsOf(samples, ['turn'])).rows('turn');
    expect(
      rows.map(({ group, count, judged, good, failed: bad }) => [group, count, judged, good, bad]),
    ).toEqual([
      ['0', 3, 3, 3, 0],
      ['1', 3, 3, 2, 1],
    ]);
    expect(rows.map(({ attainment, error_rate }) => [attainment, error_rate])).toEqual([
      [1, 0],
      [2 / 3, 1 / 3],
    ]);
    expect(
      rows.map(
        ({
          metrics: {
            ttft: { count, p50, mean },
          },
        }) => [count, p50, mean],
      ),
    ).toEqual([
      [3, 200, 200],
      // The nearest rank of the median of two values is the first.
      [2, 10, 15],
    ]);
    expect(rows.map(({ tokens }) => [tokens.input.actual_mean, tokens.cached_share])).toEqual([
      [102, 0],
      [103, 150 / 309],
    ]);
  });
});

describe('the groups by a key', () => {
  const tagged = (values: readonly (object | undefined)[]): Sample[] =>
    requests(values.length, (i) => (values[i] === undefined ? {} : { tags: values[i] }));
  const names = async (samples: readonly Sample[], key: string, header?: RunHeader): Promise<unknown[]> =>
    (await groupsOf(samples, [key], header)).rows(key).map(({ group, count }) => [group, count]);

  it('by a tag: the largest first, equal ones by name, requests without it last', async () => {
    const samples = tagged([
      { kind: 'b' },
      { kind: 'a' },
      { kind: 'c' },
      { kind: 'c' },
      {},
      undefined,
      { other: 'x' },
    ]);
    expect(await names(samples, 'kind')).toEqual([
      ['c', 2],
      ['a', 1],
      ['b', 1],
      ['(none)', 3],
    ]);
  });

  it('by numbers: in their order', async () => {
    const turns = requests(12, (i) => ({ turn: 11 - i }));
    expect((await names(turns, 'turn')).map((each) => (each as string[])[0])).toEqual(
      Array.from({ length: 12 }, (_, turn) => String(turn)),
    );
    const lengths = [5, 0, 1000, 1, 3, null, 17, 2];
    const samples = requests(8, (i) => ({ input_tokens: lengths[i] }));
    expect(await names(samples, 'input_tokens')).toEqual([
      ['0', 1],
      ['1', 1],
      ['2–3', 2],
      ['4–7', 1],
      ['16–31', 1],
      ['512–1023', 1],
      ['(none)', 1],
    ]);
  });

  it('tokens without a count are those of the plan', async () => {
    const samples = requests(2, (i) => ({ output_tokens: i === 0 ? 9 : null, planned_output: 20 }));
    expect(await names(samples, 'output_tokens')).toEqual([
      ['8–15', 1],
      ['16–31', 1],
    ]);
  });

  it('the model is the tag, else that of the run', async () => {
    const header = headerOf();
    const ofRun = { ...header, endpoint: { ...header.endpoint, model: 'tiny' } };
    const samples = tagged([{ model: 'lora' }, undefined, undefined]);
    expect(await names(samples, 'model', ofRun)).toEqual([
      ['tiny', 2],
      ['lora', 1],
    ]);
    expect(await names(samples, 'model', header)).toEqual([
      ['lora', 1],
      ['(none)', 2],
    ]);
  });

  it('an older record has one turn', async () => {
    expect(await names(requests(3), 'turn')).toEqual([['0', 3]]);
  });

  it('names of tags are no properties of objects', async () => {
    const groups = await groupsOf(tagged([{ kind: 'a' }]), ['constructor']);
    expect(groups.whyUnknown('constructor')).toContain('kind');
    const samples = [sampleOf({ tags: JSON.parse('{"__proto__":"x","toString":"y"}') as object })];
    expect(valueOf(samples[0]!, 'toString', null)).toBe('y');
  });

  it('requests outside of the cohort make no row', async () => {
    const samples = requests(10, (i) => ({ turn: i < 5 ? 0 : 1 }));
    expect(await names(samples, 'turn', headerOf({ window: seconds(0, 0.5) }))).toEqual([['0', 5]]);
  });

  it('an unknown key names the tags that there are, and the one that is meant', async () => {
    const groups = await groupsOf(tagged([{ kind: 'a', source: 'b' }]), ['sorce', 'kind', 'trun', 'xyz']);
    expect(groups.whyUnknown('kind')).toBeNull();
    expect(groups.whyUnknown('sorce')).toMatch(/"sorce".*kind, source.*did you mean source/);
    expect(groups.whyUnknown('trun')).toMatch(/did you mean turn/);
    expect(groups.whyUnknown('xyz')).not.toMatch(/did you mean/);
    expect(groups.whyUnknown('language')).toMatch(/"language"/);
    expect(groups.whyEmpty({ key: 'kind', name: 'aa' })).toMatch(/kind "aa".*did you mean a\?/);
  });

  it('more than 500 groups are an error', async () => {
    const samples = requests(501, (i) => ({ tags: { id: `x${i}` } }));
    await expect(groupsOf(samples, ['id'])).rejects.toThrow(GoodputError);
    await expect(groupsOf(samples.slice(0, 500), ['id'])).resolves.toBeDefined();
  });
});

describe('without being asked', () => {
  it.each<[string, (i: number) => object, string[]]>([
    ['one turn, one model', () => ({}), []],
    ['two turns', (i) => ({ turn: i % 2 }), ['turn']],
    ['ten turns', (i) => ({ turn: i % 10 }), ['turn']],
    ['eleven turns', (i) => ({ turn: i % 11 }), []],
    ['two models', (i) => ({ tags: { model: 'ab'[i % 2] } }), ['model']],
    ['a model and that of the run', (i) => (i % 2 === 0 ? {} : { tags: { model: 'b' } }), ['model']],
    ['both', (i) => ({ turn: i % 2, tags: { model: 'ab'[i % 2] } }), ['turn', 'model']],
    ['another tag', (i) => ({ tags: { source: 'ab'[i % 2] } }), []],
  ])('%s', async (_, change, keys) => {
    expect((await run(requests(40, change))).variedKeys).toEqual(keys);
  });
});
