import { randomStream, type Random } from '../../src/random.ts';
import type { Length } from '../../src/lengths.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { DEFAULT_BATCHING } from '../../src/simulator/engine/batching.ts';
import { PRESETS } from '../../src/simulator/engine/model-presets.ts';
import { stepTimeOf } from '../../src/simulator/engine/cost.ts';
import type { Pair } from './virtual-prober.ts';

/** Models of 8 billion parameters on every accelerator, and a mixture of experts: servers of one or two devices. */
const SERVED = PRESETS.filter(({ name }) => /^(llama-3\.1-8b|qwen3-30b-a3b|llama-3\.1-70b)-/.test(name));

/**
 * Draws a server, a workload and SLOs at random: half of the servers are presets, half have a linear cost. The limits
 * are multiples of what a request alone takes, so that some pairs are bound by the first token and some by the later
 * ones.
 */
export function drawPair(seed: number, index: number): Pair {
  const random = randomStream(seed, 'pair of the capacity study', index);
  const input = drawLength(random, 100, 1500);
  const output = drawLength(random, 30, 200);
  const server = random.uniform() < 0.5 ? presetServer(random) : linearServer(random);
  const step = stepTimeOf(server.cost);
  const inputMean = meanOf(input);
  const alone = step({
    prefillTokens: inputMean,
    prefillPairs: (inputMean * (inputMean + 1)) / 2,
    prefillContext: inputMean,
    decodes: 0,
    decodeContext: 0,
  });
  const pace = step({
    prefillTokens: 0,
    prefillPairs: 0,
    prefillContext: 0,
    decodes: 1,
    decodeContext: inputMean,
  });
  const ttft = (logUniform(random, 3, 40) * alone) / 1000;
  const tpot = (logUniform(random, 1.4, 4) * pace) / 1000;
  const which = random.uniform();
  const limits = [
    ...(which < 0.8 ? [`ttft<=${Math.ceil(ttft)}ms`] : []),
    ...(which >= 0.2 ? [`tpot<=${Number(tpot.toPrecision(3))}ms`] : []),
  ];
  const flags = { rate: '1/s', slo: limits.join(',') };
  const { scenario } = resolveScenario({ file: null, env: {}, flags }).resolved;
  return {
    name: server.name,
    scenario: { ...scenario, workload: { ...scenario.workload, input, output } },
    engine: server.engine,
    cost: server.cost,
  };
}

type Server = Pick<Pair, 'name' | 'engine' | 'cost'>;

function presetServer(random: Random): Server {
  const { name, engine, cost } = SERVED[random.below(SERVED.length)]!;
  const maxNumSeqs = 2 ** (4 + random.below(5));
  const maxBatchedTokens = 2 ** (10 + random.below(4));
  return { name, engine: { ...engine, maxNumSeqs, maxBatchedTokens, prefixCaching: false }, cost };
}

function linearServer(random: Random): Server {
  const whole = (from: number, to: number): number => Math.round(logUniform(random, from, to));
  return {
    name: 'linear',
    engine: {
      ...DEFAULT_BATCHING,
      maxNumSeqs: whole(8, 128),
      maxBatchedTokens: 2 ** (9 + random.below(4)),
      kvBlocks: 1_000_000,
      prefixCaching: false,
    },
    cost: {
      kind: 'linear',
      base: whole(4000, 30_000),
      prefillToken: whole(10, 80),
      decodeSequence: whole(40, 600),
      contextToken: Number(logUniform(random, 0.01, 0.2).toPrecision(2)),
      prefillPair: 0,
    },
  };
}

/** Half of the lengths are constant, half lognormal. */
function drawLength(random: Random, least: number, most: number): Length {
  const mean = Math.round(logUniform(random, least, most));
  const share = 0.3 + 0.6 * random.uniform();
  if (random.uniform() < 0.5) return { distribution: 'constant', tokens: mean };
  return { distribution: 'lognormal', mean, stddev: Math.round(share * mean), min: 1, max: 8 * mean };
}

const meanOf = (length: Length): number =>
  length.distribution === 'constant'
    ? length.tokens
    : length.distribution === 'lognormal'
      ? length.mean
      : NaN;

const logUniform = (random: Random, from: number, to: number): number =>
  from * (to / from) ** random.uniform();
