import { z } from 'zod';
import { duration, keyInfo, rate } from './fields.ts';
import type { Stage } from './scenario.ts';

const EXPECTED = 'a list of stages, like [{ from: 1/s, to: 20/s, for: 60s }, { at: 20/s, for: 60s }]';

/** The keys of one stage: it is no section, so unknown ones are told of with this list. */
export const STAGE_KEYS = ['from', 'to', 'at', 'for'];

const FROM_ZERO = { min: 0 };

const stage = z
  .strictObject(
    {
      from: rate('The rate that a ramp begins with. May be 0.', {}, FROM_ZERO).optional(),
      to: rate('The rate that a ramp ends with. May be 0.', {}, FROM_ZERO).optional(),
      at: rate('One rate throughout, instead of `from` and `to`.', {}, FROM_ZERO).optional(),
      for: duration('How long the stage lasts.', { above: 0 }),
    },
    { error: 'a stage, like { from: 1/s, to: 20/s, for: 60s } or { at: 20/s, for: 60s }' },
  )
  .transform(({ from, to, at, for: length }, context): Stage => {
    if (at !== undefined && from === undefined && to === undefined) return { from: at, to: at, for: length };
    if (at === undefined && from !== undefined && to !== undefined) return { from, to, for: length };
    const wrong =
      at === undefined ? 'this stage lacks a rate' : 'this stage has a rate of its own beside a ramp';
    const params = { wrong, expected: 'either from and to (a ramp), or at (one rate)' };
    context.issues.push({ code: 'custom', input: at, params });
    return z.NEVER;
  })
  // For editors: both ends of a ramp, or the one rate.
  .meta({ oneOf: [{ required: ['from', 'to'] }, { required: ['at'] }] });

/** Rates one after the other, in an open loop. */
export const stagesSchema = z
  .array(stage, { error: EXPECTED })
  .min(1, { error: EXPECTED })
  .meta({
    description:
      'Rates and ramps one after the other, instead of `rate` and `duration`. The warm-up before them is at the rate that the first begins with.',
    examples: [
      [
        { from: '1/s', to: '20/s', for: '60s' },
        { at: '20/s', for: '60s' },
      ],
    ],
  })
  .register(keyInfo, { type: 'list of stages' });
