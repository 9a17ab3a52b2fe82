import { stepTimeOf } from '../simulator/cost.ts';
import { PRESETS } from '../simulator/presets.ts';

/** Step times are over so many tokens of context. */
const CONTEXT = 1000;

/** What can be simulated, a preset a line: for people and for `cut`. */
export function presetTable(): string {
  const rows = PRESETS.map(({ name, what, engine, cost }) => {
    const stepTime = stepTimeOf(cost);
    const decode = (batch: number): string =>
      `${(
        stepTime({
          prefillTokens: 0,
          prefillPairs: 0,
          prefillContext: 0,
          decodes: batch,
          decodeContext: batch * CONTEXT,
        }) / 1000
      ).toFixed(1)} ms`;
    const cache = (engine.kvBlocks * engine.blockSize).toLocaleString('en');
    return [name, what, cache, decode(1), decode(64)];
  });
  const head = ['preset', 'what', 'cached tokens', 'step of 1', 'step of 64'];
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n\nSteps that decode, over ${CONTEXT.toLocaleString('en')} tokens of context each. docs/simulator.md has the sources of every figure.\n`;
}
