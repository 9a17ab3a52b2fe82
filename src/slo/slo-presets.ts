import { didYouMean } from '../errors.ts';

/** Published limits, as data: what they are, who set them, and where that is written. */
export interface SloPreset {
  /** `who/model/setting`. */
  name: string;
  what: string;
  ttft_ms: number;
  tpot_ms: number;
  source: string;
  /**
   * How its authors judge a run. `p99`: each metric by itself, its p99 within the limit. A share: so many requests meet both
   * limits at once.
   */
  judged: 'p99' | number;
}

/** Checked against the file's state of 2025; TPOT there is (latency − TTFT) ÷ (tokens − 1), from the scheduled instant on. */
const MLPERF_CONF = 'github.com/mlcommons/inference, loadgen/mlperf.conf';
const MLPERF_LATER = 'MLPerf Inference, the rules of the rounds that have gpt-oss-120b';
const DISTSERVE = 'Zhong et al., DistServe, OSDI 2024 (arXiv:2401.09670), table 1; attainment 90 %';

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

/** A name never changes its numbers: recorded runs are judged by it. */
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

/** The limits of a preset, as a map of a scenario has them; or what is wrong with the name. */
export function presetLimits(
  name: string,
): { ok: true; limits: Readonly<Record<'ttft' | 'tpot', string>> } | { ok: false; message: string } {
  const preset = SLO_PRESETS.find((each) => each.name === name);
  if (preset !== undefined)
    return { ok: true, limits: { ttft: `${preset.ttft_ms}ms`, tpot: `${preset.tpot_ms}ms` } };
  const meant = nearest(name);
  const way = meant === null ? '' : `; did you mean ${meant}?`;
  return {
    ok: false,
    message: `there is no SLO preset "${name}"; goodput slo-presets lists them${way}`,
  };
}

const MOST_KIN = 6;

/** By the whole name, else by what all of its parts are in. */
function nearest(name: string): string | null {
  const meant = didYouMean(name, SLO_PRESET_NAMES);
  if (meant !== null) return meant;
  const parts = name.toLowerCase().split(/[/ ]+/);
  const kin = SLO_PRESET_NAMES.filter((each) => parts.every((part) => part !== '' && each.includes(part)));
  return kin.length === 0 || kin.length > MOST_KIN ? null : kin.join(' or ');
}
