import type { Flags } from '../../scenario/keys/option-table.ts';
import type { ConditionTexts } from '../../score/conditions.ts';

/** Returns the SLOs, gates and SLO grid of a command line as text. */
export const conditionTexts = (flags: Flags): ConditionTexts => ({
  slo: textsOf(flags.slo),
  sloPreset: textsOf(flags['slo-preset'])[0],
  gates: textsOf(flags.gate),
  sloGrid: textsOf(flags['slo-grid'])[0],
});

function textsOf(flag: string | readonly string[] | true | undefined): readonly string[] {
  if (flag === undefined || flag === true) return [];
  return typeof flag === 'string' ? [flag] : flag;
}
