import { type ConditionNames, parseConditions } from '../score/conditions.ts';
import { statedAgain } from '../scenario/stated-again.ts';
import type { ScenarioInput } from './scenario-input.ts';
import { score as scoreFolder, type Score } from '../score/score.ts';

/** Names of conditions in errors. */
export const OPTION_NAMES: ConditionNames = {
  slo: 'options.slo',
  sloPreset: 'options.sloPreset',
  gates: 'options.gates',
  sloGrid: 'options.sloGrid',
};

/** How to judge a recorded run. */
export interface ScoringOptions {
  /** Limits instead of the run's own: `ttft<=200ms,tpot<=50ms`, or a list. */
  slo?: string | readonly string[] | undefined;
  /** Published limits instead of the run's own, by name; `slo` replaces single limits of them. */
  sloPreset?: string | undefined;
  /** Gates instead of the run's own: `attainment >= 90%`. */
  gates?: string | readonly string[] | undefined;
  /** Adds a table of the attainment at each of these limits: `ttft=100ms..1s`. */
  sloGrid?: string | undefined;
  /** Adds the figures of each group of requests by this key: `turn`, `model`, `input_tokens`, `output_tokens` or a tag. */
  by?: string | undefined;
  /** The machine of the endpoint, instead of what the run states; keys as in a scenario. */
  hardware?: ScenarioInput['hardware'];
  /** The model that it serves. */
  model?: ScenarioInput['model'];
  /** Prices of tokens. */
  price?: ScenarioInput['price'];
  /** Treats a suspect run as invalid. */
  strict?: boolean | undefined;
  /** Compares every instant with the truth log in the folder. */
  auditTruth?: boolean | undefined;
}

/**
 * Scores a recorded run again, like `goodput report`: computes figures, audit and verdict from its `run.json` and `samples.jsonl`.
 * @param dir the run folder
 * @throws {GoodputError} kind `usage` if the folder is not a readable run, a condition is wrong, or no request has the tag `by`
 */
export const score = async (dir: string, options: ScoringOptions = {}): Promise<Score> => {
  const { slo, sloPreset, gates, sloGrid, by, strict = false, auditTruth = false } = options;
  const { hardware, model, price } = options;
  const stated = statedAgain({ input: { hardware, model, price } });
  const conditions = parseConditions(
    { slo: listOf(slo), sloPreset, gates: listOf(gates), sloGrid },
    OPTION_NAMES,
  );
  return scoreFolder(dir, { ...conditions, strict, again: true, truth: auditTruth, by, stated });
};

/** Returns texts as a list. */
export const listOf = (texts: string | readonly string[] | undefined): readonly string[] =>
  texts === undefined ? [] : typeof texts === 'string' ? [texts] : texts;
