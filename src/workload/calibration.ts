import { synthesize } from './synthetic.ts';

/** How a server counts the words of a synthetic prompt: tokens = overheadTokens + tokensPerWord · words. */
export interface Calibration {
  tokensPerWord: number;
  /** What the server adds to every request: chat template, begin-of-text. */
  overheadTokens: number;
}

/** One word is one token, and nothing is added: what holds until a probe has learnt better. */
export const UNCALIBRATED: Calibration = { tokensPerWord: 1, overheadTokens: 0 };

/** The words, at least one, of a prompt that this server counts as `tokens`. */
export function wordsFor(tokens: number, { tokensPerWord, overheadTokens }: Calibration): number {
  return Math.max(1, Math.round((tokens - overheadTokens) / tokensPerWord));
}

/** One answered probe: the words it sent and the prompt tokens that the server's usage counted. */
export interface ProbePoint {
  words: number;
  promptTokens: number;
}

export interface ProbePrompt {
  words: number;
  text: string;
}

const PROBE_WORDS = [32, 288];
/** Numbers that no plan reaches, so that a probe warms no prefix of a measured request. */
const PROBE_INDEX = 0xffff_ff00;

/** Prompts of two word counts, a few hundred tokens in all: far enough apart for a slope good to about 1 %. */
export function probePrompts(seed: number): ProbePrompt[] {
  return PROBE_WORDS.map((words, k) => ({ words, text: synthesize({ seed, i: PROBE_INDEX + k, words }) }));
}

/** Outside this no tokenizer of natural language lies: the server counted something else. */
const SANE_TOKENS_PER_WORD = { low: 0.1, high: 20 };

/**
 * The straight line through the probes (least squares; two points give it exactly). `null` where no line can be
 * believed: fewer than two word counts, counts that are no positive whole numbers, a slope that no tokenizer has. A
 * chat template is a whole number of tokens, so the overhead is rounded; a negative one is noise and counts as 0.
 */
export function calibrate(points: readonly ProbePoint[]): Calibration | null {
  const n = points.length;
  if (n === 0 || points.some((p) => !isCount(p.words) || !isCount(p.promptTokens))) return null;
  const meanWords = points.reduce((sum, p) => sum + p.words, 0) / n;
  const meanTokens = points.reduce((sum, p) => sum + p.promptTokens, 0) / n;
  const spread = points.reduce((sum, p) => sum + (p.words - meanWords) ** 2, 0);
  if (spread === 0) return null;
  const slope =
    points.reduce((sum, p) => sum + (p.words - meanWords) * (p.promptTokens - meanTokens), 0) / spread;
  if (!(slope >= SANE_TOKENS_PER_WORD.low && slope <= SANE_TOKENS_PER_WORD.high)) return null;
  return { tokensPerWord: slope, overheadTokens: Math.max(0, Math.round(meanTokens - slope * meanWords)) };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
