import type { BatchingSettings } from '../../src/simulator/engine/batching.ts';
import type { CostModel, RooflineCost } from '../../src/simulator/engine/cost.ts';
import type { SimulatedRequest, Simulation } from '../../src/simulator/engine/simulation.ts';

interface Job {
  number: number;
  /** Names of all known tokens. */
  tokens: string[];
  prompt: number;
  output: number;
  computed: number;
  blocks: number[];
  n: number;
}

/**
 * A second implementation of the engine's rules, slow and simple: lists instead of links, token names instead of
 * keys, everything recomputed in every step. It shares no code with the engine, only types.
 */
export function naive(
  engine: BatchingSettings,
  cost: CostModel,
  requests: readonly SimulatedRequest[],
): Simulation {
  const size = engine.blockSize;
  const result: Simulation = {
    tokens_us: requests.map(() => []),
    admitted_us: requests.map(() => null),
    cached_tokens: requests.map(() => 0),
    steps: 0,
    preemptions: 0,
    peak_running: 0,
    peak_blocks: 0,
    end_us: 0,
  };
  const free = Array.from({ length: engine.kvBlocks }, (_, k) => k);
  const users = free.map(() => 0);
  const hash: (string | null)[] = free.map(() => null);

  const chainTo = (job: Job, block: number): string => job.tokens.slice(0, (block + 1) * size).join(',');
  const blocksFor = (tokens: number): number => Math.ceil(tokens / size);
  const giveBack = (job: Job): void => {
    for (const block of job.blocks.toReversed()) if (--users[block]! === 0) free.push(block);
    job.blocks = [];
  };
  const schedule = (job: Job, n: number): void => {
    while (job.blocks.length < blocksFor(job.computed + n)) {
      const block = free.shift()!;
      users[block] = 1;
      hash[block] = null;
      job.blocks.push(block);
    }
    if (engine.prefixCaching) {
      for (const [k, block] of job.blocks.entries()) {
        const end = (k + 1) * size;
        if (end <= job.computed || end > job.computed + n) continue;
        const chain = chainTo(job, k);
        if (!hash.includes(chain)) hash[block] = chain;
      }
    }
    job.n = n;
  };

  const coming: Job[] = requests
    .map((request, number): [SimulatedRequest, Job] => [
      request,
      {
        number,
        tokens: Array.from({ length: request.prompt }, (_, k) =>
          request.prefix && k < request.prefix.length ? `${request.prefix.id}/${k}` : `#${number}/${k}`,
        ),
        prompt: request.prompt,
        output: request.output,
        computed: 0,
        blocks: [],
        n: 0,
      },
    ])
    .filter(([{ prompt, output }]) => {
      if (engine.maxModelLen !== null && prompt + output > engine.maxModelLen) return false;
      if (!engine.chunkedPrefill && prompt + output - 1 > engine.maxBatchedTokens) return false;
      return blocksFor(prompt + output - 1) <= engine.kvBlocks;
    })
    .sort(([a], [b]) => a.arrival_us - b.arrival_us)
    .map(([, job]) => job);
  const arrivalOf = (job: Job): number => requests[job.number]!.arrival_us;
  let waiting: Job[] = [];
  let running: Job[] = [];

  for (let t = 0; ;) {
    if (waiting.length + running.length === 0) {
      if (coming.length === 0) return result;
      t = Math.max(t, arrivalOf(coming[0]!));
    }
    while (coming.length > 0 && arrivalOf(coming[0]!) <= t) waiting.push(coming.shift()!);
    for (const job of running) job.n = 0;

    let budget = engine.maxBatchedTokens;
    let preempted = false;
    // 1. Running. The list shrinks from its end during the loop.
    walk: for (let k = 0; k < running.length && budget > 0; k++) {
      const job = running[k]!;
      const n = Math.min(job.tokens.length - job.computed, budget);
      while (blocksFor(job.computed + n) - job.blocks.length > free.length) {
        const last = running.at(-1)!;
        running = running.slice(0, -1);
        giveBack(last);
        last.computed = 0;
        waiting.unshift(last);
        preempted = true;
        result.preemptions++;
        if (last === job) break walk;
      }
      schedule(job, n);
      budget -= n;
    }
    // 2. Waiting.
    if (preempted) budget = 0;
    while (budget > 0 && running.length < engine.maxNumSeqs && waiting.length > 0) {
      const job = waiting[0]!;
      const total = job.tokens.length;
      const hits: number[] = [];
      while (engine.prefixCaching && hits.length < Math.floor((total - 1) / size)) {
        const block = hash.indexOf(chainTo(job, hits.length));
        if (block === -1) break;
        hits.push(block);
      }
      const cached = hits.length * size;
      if (!engine.chunkedPrefill && total - cached > budget) break;
      const n = Math.min(total - cached, budget);
      const left = free.filter((block) => !hits.includes(block));
      if (blocksFor(cached + n) - hits.length > left.length) break;
      waiting = waiting.slice(1);
      for (const block of hits) users[block]!++;
      free.splice(0, free.length, ...left);
      job.blocks = hits;
      job.computed = cached;
      running.push(job);
      if (result.admitted_us[job.number] === null) {
        result.admitted_us[job.number] = t;
        result.cached_tokens[job.number] = cached;
      }
      schedule(job, n);
      budget -= n;
    }

    result.steps++;
    result.peak_running = Math.max(result.peak_running, running.length);
    result.peak_blocks = Math.max(result.peak_blocks, engine.kvBlocks - free.length);
    // 3. The step.
    t += duration(
      cost,
      running.filter(({ n }) => n > 0),
    );
    result.end_us = t;
    for (const job of running.filter(({ n }) => n > 0)) {
      job.computed += job.n;
      if (job.computed < job.tokens.length) continue;
      result.tokens_us[job.number]!.push(t);
      job.tokens.push(`#${job.number}/${job.tokens.length}`);
      if (job.tokens.length === job.prompt + job.output) giveBack(job);
    }
    running = running.filter(({ tokens, prompt, output }) => tokens.length < prompt + output);
  }
}

function duration(cost: CostModel, jobs: readonly Job[]): number {
  const decodes = jobs.filter(
    (job) => job.tokens.length > job.prompt && job.tokens.length - job.computed === 1,
  );
  const prefills = jobs.filter((job) => !decodes.includes(job));
  const sum = (list: readonly Job[], of: (job: Job) => number): number =>
    list.reduce((total, job) => total + of(job), 0);
  const P = sum(prefills, ({ n }) => n);
  const D = decodes.length;
  const C = sum(decodes, ({ computed }) => computed + 1);
  const A = sum(prefills, ({ n, computed }) => n * computed + (n * (n + 1)) / 2);
  const R = sum(prefills, ({ n, computed }) => computed + n);
  const up = (x: number): number => Math.ceil(x - 0.000001);
  if (cost.kind === 'linear') {
    const { base, prefillToken, decodeSequence, contextToken, prefillPair } = cost;
    return up(base + prefillToken * P + decodeSequence * D + contextToken * C + prefillPair * A);
  }
  const F = cost.gpus * cost.peakFlops * cost.mfu;
  const W = cost.gpus * cost.peakBandwidth * cost.mbu;
  const seconds =
    Math.max((2 * cost.params * (P + D)) / F, weightBytes(cost, P + D) / W) +
    Math.max((cost.attentionFlops * (A + C)) / F, (cost.kvBytesPerToken * (C + R)) / W);
  return up(cost.overhead_us + seconds * 1e6);
}

function weightBytes(cost: RooflineCost, tokens: number): number {
  if ('weightBytes' in cost) return cost.weightBytes;
  const touched = cost.experts * (1 - (1 - cost.expertsPerToken / cost.experts) ** tokens);
  return cost.denseBytes + cost.expertBytes * touched;
}
