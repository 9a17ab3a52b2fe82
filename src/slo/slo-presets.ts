import { didYouMean, type Result } from '../errors.ts';

/** Published SLO limits with their source. */
export interface SloPreset {
  /** `who/model/setting`. */
  name: string;
  /** A description, one line. */
  what: string;
  ttft_ms: number;
  tpot_ms: number;
  source: string;
  /**
   * How the authors judge a run. `p99`: the p99 of each metric is within its limit. A number: at least this share of the requests meets
   * both limits.
   */
  judged: 'p99' | number;
}

/** Checked with the file of 2025; its TPOT is (latency − TTFT) ÷ (tokens − 1), measured from the scheduled instant. */
const MLPERF_CONF = 'github.com/mlcommons/inference, loadgen/mlperf.conf';
const MLPERF_LATER = 'MLPerf Inference, rules of the rounds with gpt-oss-120b';
const DISTSERVE = 'Zhong et al., DistServe, OSDI 2024 (arXiv:2401.09670), table 1; attainment 90%';

const mlperf = (
  model: string,
  setting: 'server' | 'interactive',
  ttft_ms: number,
  tpot_ms: number,
  source = MLPERF_CONF,
): SloPreset => ({
  name: `mlperf/${model}/${setting}`,
  what: `MLPerf Inference, ${model}, ${setting === 'server' ? 'server scenario' : 'interactive server scenario'}`,
  ttft_ms,
  tpot_ms,
  source,
  judged: 'p99',
});

const distserve = (model: string, task: string, ttft_ms: number, tpot_ms: number): SloPreset => ({
  name: `distserve/${model}/${task}`,
  what: `DistServe, ${model.toUpperCase()}, ${task}`,
  ttft_ms,
  tpot_ms,
  source: DISTSERVE,
  judged: 0.9,
});

/** The limits of a name never change, because recorded runs are judged by it. */
export const SLO_PRESETS: readonly SloPreset[] = [
  mlperf('llama2-70b', 'server', 2000, 200),
  mlperf('llama2-70b', 'interactive', 450, 40),
  mlperf('llama3.1-405b', 'server', 6000, 175),
  mlperf('llama3.1-405b', 'interactive', 4500, 80),
  mlperf('llama3.1-8b', 'server', 2000, 100),
  mlperf('llama3.1-8b', 'interactive', 500, 30),
  mlperf('deepseek-r1', 'server', 2000, 80),
  mlperf('deepseek-r1', 'interactive', 1500, 15),
  mlperf('gpt-oss-120b', 'server', 3000, 80, MLPERF_LATER),
  mlperf('gpt-oss-120b', 'interactive', 2000, 15, MLPERF_LATER),
  mlperf('mixtral-8x7b', 'server', 2000, 200),
  distserve('opt-13b', 'chat', 250, 100),
  distserve('opt-66b', 'chat', 2500, 150),
  distserve('opt-66b', 'code', 125, 200),
  distserve('opt-66b', 'summarization', 15_000, 150),
  distserve('opt-175b', 'chat', 4000, 200),
];

export const SLO_PRESET_NAMES: readonly string[] = SLO_PRESETS.map(({ name }) => name);

/** Returns the limits of a preset, as in the map of a scenario; or the problem of an unknown name. */
export function presetLimits(name: string): Result<Readonly<Record<'ttft' | 'tpot', string>>> {
  const preset = SLO_PRESETS.find((each) => each.name === name);
  if (preset !== undefined)
    return { ok: true, value: { ttft: `${preset.ttft_ms}ms`, tpot: `${preset.tpot_ms}ms` } };
  const meant = nearest(name);
  const hint = meant === null ? '' : `; did you mean ${meant}?`;
  return {
    ok: false,
    problem: `unknown SLO preset "${name}"; goodput slo-presets lists them${hint}`,
  };
}

/** The most presets that are suggested. */
const MOST_SUGGESTIONS = 6;

/** Returns the preset with the most similar name, or those that contain all parts of it. */
function nearest(name: string): string | null {
  const meant = didYouMean(name, SLO_PRESET_NAMES);
  if (meant !== null) return meant;
  const parts = name.toLowerCase().split(/[/ ]+/);
  const similar = SLO_PRESET_NAMES.filter((each) =>
    parts.every((part) => part !== '' && each.includes(part)),
  );
  return similar.length === 0 || similar.length > MOST_SUGGESTIONS ? null : similar.join(' or ');
}
