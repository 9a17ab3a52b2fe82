import { type Definition, list, nullable, number, object, oneOf, optional } from '../document/definition.ts';

/** The first key of the document of a simulated endpoint. */
export const SIMULATED = optional(oneOf([true], 'Only of a simulated endpoint.'));

/** A confidence interval. */
export const INTERVAL = object<{ low: number | null; high: number | null }>(
  {
    low: nullable(number('Lower end; `null`: not bounded.')),
    high: nullable(number('Upper end; `null`: not bounded.')),
  },
  'Interval.',
);

/** Only of a figure by token whose unit is not the token. */
export const PER_EVENT = {
  per: optional(
    oneOf(['event', 'mixed'], '`event`: events stand for tokens. `mixed`: they do in some requests.'),
  ),
};

/** The codes of a list of texts. */
export const codesIn = <Code extends string>(codes: readonly Code[], key: string): Definition<Code[]> =>
  list(oneOf(codes, 'A code.'), `What each of \`${key}\` is about, in the same order.`);
