import { synthesize } from './synthetic.ts';

/** A server's token count of a synthetic prompt: tokens = overheadTokens + tokensPerWord · words. */
export interface Calibration {
  tokensPerWord: number;
  /** Tokens that the server adds to every request: chat template, begin-of-text. */
  overheadTokens: number;
}

/** The calibration without a preflight: one word is one token, and the server adds none. */
export const UNCALIBRATED: Calibration = { tokensPerWord: 1, overheadTokens: 0 };

/** Returns the number of words, at least one, of a prompt that this server counts as `tokens`. */
export function wordsFor(tokens: number, { tokensPerWord, overheadTokens }: Calibration): number {
  return Math.max(1, Math.round((tokens - overheadTokens) / tokensPerWord));
}

/** A successful preflight request: the words of its prompt and the prompt tokens in the server's usage. */
export interface CalibrationPoint {
  words: number;
  promptTokens: number;
}

export interface CalibrationPrompt {
  words: number;
  text: string;
}

const CALIBRATION_WORDS = [32, 288];
/** A request number that no plan reaches, so that a preflight request does not cache a prefix of a measured one. */
const CALIBRATION_INDEX = 0xffff_ff00;

/** Returns prompts with two word counts that differ enough for a slope that is exact to about 1 %. */
export function calibrationPrompts(seed: number): CalibrationPrompt[] {
  return CALIBRATION_WORDS.map((words, k) => ({
    words,
    text: synthesize({ seed, i: CALIBRATION_INDEX + k, words }),
  }));
}

/** The range of tokenizers of natural language. Beyond it the server counted something else. */
const PLAUSIBLE_TOKENS_PER_WORD = { low: 0.1, high: 20 };

/**
 * Returns the line through the points (least squares; exact for two points). `null` if the line is not plausible: fewer than two word
 * counts, counts that are not positive whole numbers, or a slope that no tokenizer has. A chat template is a whole number of tokens,
 * so the overhead is rounded; a negative overhead is noise and becomes 0.
 */
export function calibrate(points: readonly CalibrationPoint[]): Calibration | null {
  const n = points.length;
  if (n === 0 || points.some((p) => !isCount(p.words) || !isCount(p.promptTokens))) return null;
  const meanWords = points.reduce((sum, p) => sum + p.words, 0) / n;
  const meanTokens = points.reduce((sum, p) => sum + p.promptTokens, 0) / n;
  const spread = points.reduce((sum, p) => sum + (p.words - meanWords) ** 2, 0);
  if (spread === 0) return null;
  const slope =
    points.reduce((sum, p) => sum + (p.words - meanWords) * (p.promptTokens - meanTokens), 0) / spread;
  if (!(slope >= PLAUSIBLE_TOKENS_PER_WORD.low && slope <= PLAUSIBLE_TOKENS_PER_WORD.high)) return null;
  return { tokensPerWord: slope, overheadTokens: Math.max(0, Math.round(meanTokens - slope * meanWords)) };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
