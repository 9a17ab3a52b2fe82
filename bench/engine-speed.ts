import { randomStream } from '../src/random.ts';
import type { LinearCost } from '../src/simulator/engine/cost.ts';
import { simulate, type SimulationInput } from '../src/simulator/engine/simulation.ts';

/** Prints the speed of the engine on this machine: `node bench/engine-speed.ts`. */

const COST: LinearCost = {
  kind: 'linear',
  base: 5000,
  prefillToken: 20,
  decodeSequence: 50,
  contextToken: 0.01,
  prefillPair: 0,
};

function poisson(rate: number, seconds: number, prompt: number, output: number): SimulationInput['requests'] {
  const random = randomStream(1, 'speed');
  const requests = [];
  for (let at = random.exponential() / rate; at < seconds; at += random.exponential() / rate) {
    requests.push({
      arrival_us: Math.round(at * 1e6),
      prompt: 1 + random.below(2 * prompt),
      output: 1 + random.below(2 * output),
    });
  }
  return requests;
}

function time(name: string, input: SimulationInput): void {
  const before = performance.now();
  const cpuBefore = process.cpuUsage();
  const { tokens_us, steps, preemptions, peak_running, end_us } = simulate(input);
  const seconds = (performance.now() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = (user + system) / 1e6;
  // Every token is one sequence in one step; prefill chunks without a token are not counted.
  const tokens = tokens_us.reduce((sum, list) => sum + list.length, 0);
  const line = [
    `${name}: ${(end_us / 1e6).toFixed(0)} virtual seconds in ${seconds.toFixed(2)} s, ${cpu.toFixed(2)} s of CPU`,
    `${steps} steps, ${tokens} tokens, ${preemptions} preemptions, up to ${peak_running} at once`,
    `${(tokens / seconds / 1e6).toFixed(1)} M steps × sequences/s, ${(tokens / cpu / 1e6).toFixed(1)} M per CPU second`,
  ];
  process.stdout.write(`${line.join('; ')}\n`);
}

time('batch of 1', { engine: { maxNumSeqs: 1 }, cost: COST, requests: poisson(1, 3600, 256, 128) });
time('batch of 256', {
  engine: { kvBlocks: 65_536 },
  cost: COST,
  requests: Array.from({ length: 1024 }, () => ({ arrival_us: 0, prompt: 256, output: 4096 })),
});
time('an hour at 20/s', { engine: { kvBlocks: 32_768 }, cost: COST, requests: poisson(20, 3600, 256, 200) });
time('an hour at 20/s, short of blocks', {
  engine: { kvBlocks: 2048 },
  cost: COST,
  requests: poisson(20, 3600, 256, 200),
});
