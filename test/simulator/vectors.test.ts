import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { simulate, type Simulation, type SimulationInput } from '../../src/simulator/engine/simulation.ts';

interface Case extends SimulationInput {
  name: string;
  why: string;
  expect: Simulation;
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../vectors/batching.json', import.meta.url), 'utf8'),
);

describe('the vectors, to the microsecond', () => {
  it.each(cases)('$name: $why', ({ engine, cost, requests, expect: expected }) => {
    expect(simulate({ engine, cost, requests })).toEqual(expected);
  });
});
