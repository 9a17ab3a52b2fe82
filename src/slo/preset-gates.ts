import { type Gate, parseGate, type RequestSlo } from './grammar.ts';
import { SLO_PRESETS, type SloPreset } from './slo-presets.ts';

/** Returns the gates of a run with a preset of SLOs and without gates: the judgement of the authors of the preset, with the limits in force. */
export function presetGates(slos: readonly RequestSlo[]): Gate[] {
  const found = slos.flatMap((slo): { slo: RequestSlo; judged: SloPreset['judged'] }[] => {
    const preset = SLO_PRESETS.find(({ name }) => name === slo.preset);
    return preset === undefined ? [] : [{ slo, judged: preset.judged }];
  });
  const texts = found.map(({ slo: { metric, value }, judged }) =>
    judged === 'p99' ? `${metric} p99 <= ${value}ms` : `attainment >= ${judged * 100}%`,
  );
  return [...new Set(texts)].map((text) => {
    const gate = parseGate(text);
    if (!gate.ok) throw new RangeError(text);
    return gate.value;
  });
}
