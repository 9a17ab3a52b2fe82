import { z } from 'zod';
import { formatShare, parseShare } from '../../units.ts';
import { keyInfo } from './fields.ts';
import type { Problem } from './problem.ts';

const EXPECTED = 'a map of models and shares, like { base: 80%, lora-a: 20% }';

/** Shares are written with few digits: three models of 33.3% are 100%. */
const ROUNDING = 0.0015;

/** Models and the share of the sessions that request each. */
export const modelsField = z
  .unknown()
  .transform((input, context): Record<string, number> => {
    const report = (path: string[], value: unknown, problem: Problem): unknown =>
      context.issues.push({ code: 'custom', input: value, path, params: { ...problem } });
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      report([], input, { expected: EXPECTED });
      return z.NEVER;
    }
    const shares = new Map<string, number>();
    for (const [model, written] of Object.entries(input)) {
      const share = parseShare(written);
      if (model.trim() === '') report([model], written, { wrong: 'empty name of a model', atKey: true });
      else if (share.ok && share.value > 0 && share.value <= 1) shares.set(model, share.value);
      else report([model], written, { expected: 'a share above 0 and at most 100%, like 20%' });
    }
    if (context.issues.length > 0) return z.NEVER;
    const sum = [...shares.values()].reduce((total, share) => total + share, 0);
    if (shares.size === 0) report([], input, { wrong: 'there is no model', expected: EXPECTED });
    else if (Math.abs(sum - 1) > ROUNDING)
      report([], input, {
        wrong: `the shares add up to ${formatShare(sum)}`,
        expected: 'shares that add up to 100%',
      });
    return Object.fromEntries([...shares].map(([model, share]) => [model, share / sum]));
  })
  .meta({
    type: 'object',
    additionalProperties: { type: ['string', 'number'] },
    description:
      'Models and the share of the sessions that request each, such as LoRA adapters, instead of `model`. The model of a session is drawn by the seed, and is the tag `model` of its requests.',
    examples: [{ base: '80%', 'lora-a': '20%' }],
  })
  .register(keyInfo, { type: 'map of shares' });
