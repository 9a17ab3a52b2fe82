import { describe, expect, it } from 'vitest';
import { GoodputError } from '../../src/errors.ts';
import { simulatorSchema } from '../../src/scenario/keys/simulator-keys.ts';
import {
  DENSE_PARAMETERS,
  ENGINE_PARAMETERS,
  EXPERT_PARAMETERS,
  LINEAR_PARAMETERS,
  type Parameter,
  ROOFLINE_PARAMETERS,
} from '../../src/simulator-parameters.ts';
import { simulate, type SimulationInput } from '../../src/simulator/engine/simulation.ts';

const COST = {
  kind: 'linear',
  base: 1000,
  prefillToken: 10,
  decodeSequence: 100,
  contextToken: 0,
  prefillPair: 0,
} as const;

const ROOFLINE = {
  kind: 'roofline',
  params: 1e9,
  attentionFlops: 0,
  kvBytesPerToken: 0,
  gpus: 1,
  peakFlops: 1e12,
  peakBandwidth: 1e12,
  mfu: 1,
  mbu: 1,
  overhead_us: 0,
} as const;

/** Returns the lines of the error for this input. */
function mistakes(input: Partial<Record<keyof SimulationInput, unknown>>): string[] {
  try {
    simulate({ engine: {}, cost: COST, requests: [], ...input } as SimulationInput);
  } catch (error) {
    expect(error).toBeInstanceOf(GoodputError);
    expect((error as GoodputError).kind).toBe('usage');
    return (error as GoodputError).message.split('\n');
  }
  return [];
}

describe('simulate', () => {
  it('without requests gives empty lists', () => {
    expect(simulate({ engine: {}, cost: COST, requests: [] })).toEqual({
      tokens_us: [],
      admitted_us: [],
      cached_tokens: [],
      steps: 0,
      preemptions: 0,
      peak_running: 0,
      peak_blocks: 0,
      end_us: 0,
    });
  });

  it('accepts requests in any order, and returns results in the same order', () => {
    const early = { arrival_us: 0, prompt: 10, output: 1 };
    const late = { arrival_us: 50_000, prompt: 20, output: 1 };
    const { tokens_us, admitted_us } = simulate({ engine: {}, cost: COST, requests: [late, early] });
    expect(tokens_us).toEqual([[51_200], [1100]]);
    expect(admitted_us).toEqual([50_000, 0]);
  });

  it('shares prefixes of one name and several lengths, and no others', () => {
    const request = (arrival_us: number, id: string, length: number) => ({
      arrival_us,
      prompt: 64,
      output: 1,
      prefix: { id, length },
    });
    const { cached_tokens } = simulate({
      engine: {},
      cost: COST,
      requests: [
        request(0, 'a', 64),
        // 40 of the 64 tokens are in the prefix: 2 full blocks.
        request(10_000, 'a', 40),
        request(20_000, 'b', 64),
        // Block 1 of "0 a" differs from block 10: names are unambiguous.
        request(30_000, '0 a', 64),
        request(40_000, 'a', 0),
      ],
    });
    expect(cached_tokens).toEqual([0, 32, 0, 0, 0]);
  });

  it('adds the defaults, including for undefined settings', () => {
    const requests = [{ arrival_us: 0, prompt: 8193, output: 1 }];
    const engine = { maxBatchedTokens: undefined, maxModelLen: null };
    // 8,192 tokens and then one: 1000 + 81,920, and 1000 + 10.
    expect(simulate({ engine: engine as object, cost: COST, requests }).tokens_us).toEqual([[83_930]]);
  });
});

describe('mistakes', () => {
  it('are all reported at once, with the expected values', () => {
    expect(
      mistakes({
        engine: { maxNumSeqs: 0, kvBlock: 9, chunkedPrefill: 'yes', maxModelLen: 1.5 },
        cost: { ...COST, base: -1, prefillToken: Number.NaN },
        requests: [
          { arrival_us: -1, prompt: 0, output: 1.5 },
          { arrival_us: 0, prompt: 4, output: 1, prefix: { id: 'a', length: 5 } },
          { arrival_us: Infinity, prompt: '4', output: 1, prefix: { length: -1 } },
          null,
        ],
      }),
    ).toEqual([
      'simulator: engine.kvBlock is unknown; did you mean kvBlocks?',
      'simulator: engine.maxNumSeqs is 0; expected a whole number, at least 1',
      'simulator: engine.chunkedPrefill is "yes"; expected true or false',
      'simulator: engine.maxModelLen is 1.5; expected a whole number, at least 1, or null',
      'simulator: cost.base is -1; expected a number, at least 0',
      'simulator: cost.prefillToken is NaN; expected a number, at least 0',
      'simulator: requests[0].arrival_us is -1; expected a whole number, at least 0',
      'simulator: requests[0].prompt is 0; expected a whole number, at least 1',
      'simulator: requests[0].output is 1.5; expected a whole number, at least 1',
      'simulator: requests[1].prefix.length is 5; expected at most the 4 tokens of the prompt',
      'simulator: requests[2].arrival_us is Infinity; expected a whole number, at least 0',
      'simulator: requests[2].prompt is "4"; expected a whole number, at least 1',
      'simulator: requests[2].prefix.id is missing; expected a string',
      'simulator: requests[2].prefix.length is -1; expected a whole number, at least 0',
      'simulator: requests[3] is null; expected an object',
    ]);
  });

  it.each<[string, unknown, string[]]>([
    ['no cost', undefined, ['cost is missing; expected an object']],
    ['an unknown kind', { kind: 'quadratic' }, ['cost.kind is "quadratic"; expected linear or roofline']],
    ['no weights', ROOFLINE, ['cost.weightBytes is missing; expected a number, at least 0']],
    [
      'a share of more than all',
      { ...ROOFLINE, weightBytes: 1, mfu: 1.1, peakFlops: 0 },
      [
        'cost.peakFlops is 0; expected a number above 0',
        'cost.mfu is 1.1; expected a share above 0, at most 1',
      ],
    ],
    [
      'more experts a token than there are, and weights of two kinds',
      { ...ROOFLINE, weightBytes: 1, denseBytes: 1, expertBytes: 1, experts: 2, expertsPerToken: 3 },
      ['cost.weightBytes is unknown', 'cost.expertsPerToken is 3; expected at most the 2 experts'],
    ],
  ])('of the cost model: %s', (_, cost, expected) => {
    expect(mistakes({ cost })).toEqual(expected.map((mistake) => `simulator: ${mistake}`));
  });

  it('are counted if there are too many', () => {
    const lines = mistakes({ requests: Array.from({ length: 60 }, () => ({})) });
    expect(lines).toHaveLength(51);
    // Three of each: arrival, prompt and output are missing.
    expect(lines.at(-1)).toBe('and 130 more');
    expect(mistakes({ requests: {} })).toEqual(['simulator: requests is an object; expected a list']);
  });
});

describe('a parameter', () => {
  const DENSE = { ...ROOFLINE, weightBytes: 1 };
  const EXPERTS = { ...ROOFLINE, denseBytes: 1, expertBytes: 1, experts: 4, expertsPerToken: 1 };
  const GROUPS = [
    ['engine', ENGINE_PARAMETERS, {}],
    ['cost', LINEAR_PARAMETERS, COST],
    ['cost', ROOFLINE_PARAMETERS, DENSE],
    ['cost', DENSE_PARAMETERS, DENSE],
    ['cost', EXPERT_PARAMETERS, EXPERTS],
  ] as const;
  const VALUES = [-1, 0, 0.5, 1, 1.5, 3, true];
  const ACCEPTED = {
    count: [1, 3],
    amount: [0, 0.5, 1, 1.5, 3],
    positive: [0.5, 1, 1.5, 3],
    share: [0.5, 1],
    flag: [true],
  };
  const cases = GROUPS.flatMap(([section, parameters, base]) =>
    Object.entries<Parameter>(parameters).map(([name, { kind }]) => ({ section, name, kind, base })),
  );

  it.each(cases)(
    'has the same limits in the engine and in a scenario: $section.$name is a $kind',
    ({ section, name, kind, base }) => {
      const inEngine = VALUES.filter(
        (value) => mistakes({ cost: COST, [section]: { ...base, [name]: value } }).length === 0,
      );
      const inScenario = VALUES.filter(
        (value) => simulatorSchema.safeParse({ [section]: { ...base, [name]: value } }).success,
      );
      expect(inEngine).toEqual(ACCEPTED[kind]);
      expect(inScenario).toEqual(ACCEPTED[kind]);
    },
  );
});
