import { z } from 'zod';
import { duration, keyInfo, rate } from './fields.ts';
import type { Stage } from './scenario.ts';

const EXPECTED = 'a list of stages, like [{ from: 1/s, to: 20/s, for: 60s }, { at: 20/s, for: 60s }]';

/** The keys of one stage, listed here because a stage is not a section. */
export const STAGE_KEYS = ['from', 'to', 'at', 'for'];

const FROM_ZERO = { min: 0 };

const stage = z
  .strictObject(
    {
      from: rate('Initial rate of a ramp. May be 0.', {}, FROM_ZERO).optional(),
      to: rate('Final rate of a ramp. May be 0.', {}, FROM_ZERO).optional(),
      at: rate('Constant rate, instead of `from` and `to`.', {}, FROM_ZERO).optional(),
      for: duration('Duration of the stage.', { above: 0 }),
    },
    { error: 'a stage, like { from: 1/s, to: 20/s, for: 60s } or { at: 20/s, for: 60s }' },
  )
  .transform(({ from, to, at, for: length }, context): Stage => {
    if (at !== undefined && from === undefined && to === undefined) return { from: at, to: at, for: length };
    if (at === undefined && from !== undefined && to !== undefined) return { from, to, for: length };
    const wrong =
      at === undefined ? 'this stage has no rate' : 'this stage has both a constant rate and a ramp';
    const params = { wrong, expected: 'either from and to (a ramp), or at (one rate)' };
    context.issues.push({ code: 'custom', input: at, params });
    return z.NEVER;
  })
  // For editors: either both ends of a ramp, or one rate.
  .meta({ oneOf: [{ required: ['from', 'to'] }, { required: ['at'] }] });

/** Successive rates, in open loop. */
export const stagesSchema = z
  .array(stage, { error: EXPECTED })
  .min(1, { error: EXPECTED })
  .meta({
    description:
      'Successive rates and ramps, instead of `rate` and `duration`. The warm-up before them has the initial rate of the first.',
    examples: [
      [
        { from: '1/s', to: '20/s', for: '60s' },
        { at: '20/s', for: '60s' },
      ],
    ],
  })
  .register(keyInfo, { type: 'list of stages' });
