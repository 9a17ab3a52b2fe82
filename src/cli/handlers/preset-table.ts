import { count, duration } from '../../numbers.ts';
import { columnsWithin } from '../../render/layout/layout.ts';
import { wrap } from '../../render/layout/wrap.ts';
import { stepTimeOf } from '../../simulator/engine/cost.ts';
import { PRESETS } from '../../simulator/engine/model-presets.ts';

/** Tokens of context per request, over which the step times are computed. */
const CONTEXT = 1000;

/** Returns the simulator presets, one per line. */
export function presetTable(width: number): string {
  const rows = PRESETS.map(({ name, description, engine, cost }) => {
    const stepTime = stepTimeOf(cost);
    const decode = (batch: number): string =>
      duration(
        stepTime({
          prefillTokens: 0,
          prefillPairs: 0,
          prefillContext: 0,
          decodes: batch,
          decodeContext: batch * CONTEXT,
        }) / 1000,
      );
    const cache = count(engine.kvBlocks * engine.blockSize);
    return [name, description, cache, decode(1), decode(64)];
  });
  const head = ['preset', 'what', 'cached tokens', 'step of 1', 'step of 64'];
  // The last column is for marks, of which there are none.
  const table = columnsWithin(
    [head, ...rows].map((row) => row.concat('')),
    ['left', 'left', 'right', 'right', 'right', 'left'],
    { width, expendable: ['what', 'step of 1'], elsewhere: 'a wider terminal has more' },
  );
  const note = `Steps that decode, over ${count(CONTEXT)} tokens of context each. docs/simulator.md has the sources of every figure.`;
  return [...table, '', ...wrap(note, width), ''].join('\n');
}
