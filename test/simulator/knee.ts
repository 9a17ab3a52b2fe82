import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/main.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import { fakeConsole } from '../cli/console.ts';

/** The simulation at every rate: one minute, with every request followed to its end. */
export const KNEE_FLAGS: readonly string[] =
  '--preset llama-3.1-8b-h100 --input-tokens uniform:1-1023 --output-tokens uniform:2-254 --warmup 0s --duration 60s --slo ttft<=200ms,tpot<=50ms'.split(
    ' ',
  );

const found = new Map<number, Promise<Summary>>();

/** Returns the summary of `goodput simulate` at one rate, simulated once per process. */
export function atRate(rate: number): Promise<Summary> {
  const known = found.get(rate) ?? simulated(rate);
  found.set(rate, known);
  return known;
}

async function simulated(rate: number): Promise<Summary> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-knee-'));
  try {
    const io = fakeConsole();
    const args = ['simulate', '--rate', `${rate}/s`, ...KNEE_FLAGS, '--json', '--quiet'];
    const code = await main([...args, '--out', join(dir, 'run')], io);
    if (code !== 0) throw new Error(io.err());
    return JSON.parse(io.out()) as Summary;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
