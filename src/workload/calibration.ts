import { synthesize } from './synthetic.ts';
import { tokensIn, type WordTokens } from './word-tokens.ts';

/** A server's token count of a synthetic prompt: tokens = overheadTokens + tokensPerWord · words. */
export interface Calibration {
  tokensPerWord: number;
  /** Tokens of each word by the scenario's tokenizer, which then replace `tokensPerWord`: prompts are exact to the token. */
  wordTokens?: WordTokens;
  /** Tokens that the server adds to every request: chat template, begin-of-text. */
  overheadTokens: number;
}

/** The calibration without a preflight: one word is one token, and the server adds none. */
export const UNCALIBRATED: Calibration = { tokensPerWord: 1, overheadTokens: 0 };

/**
 * Returns the length, at least 1, of a prompt that this server counts as `tokens`: tokens of its text if the tokens of each word are
 * known, else words.
 */
export function lengthFor(tokens: number, calibration: Calibration): number {
  return Math.max(1, textLength(tokens - calibration.overheadTokens, calibration));
}

/** Returns the length of a text that has `tokens`, which may be 0 or less, as `lengthFor`. */
export const textLength = (tokens: number, { tokensPerWord, wordTokens }: Calibration): number =>
  wordTokens === undefined ? Math.round(tokens / tokensPerWord) : tokens;

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

/** Returns prompts with two word counts that differ enough for a slope that is exact to about 1%. */
export function calibrationPrompts(seed: number): CalibrationPrompt[] {
  return CALIBRATION_WORDS.map((words, k) => ({
    words,
    text: synthesize({ seed, i: CALIBRATION_INDEX + k, length: words }),
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

/** A successful preflight request: its text, and the prompt tokens in the server's usage. */
export interface CountedPrompt {
  text: string;
  promptTokens: number;
}

/**
 * Returns the tokens that the server adds to a prompt, if it counts texts as this tokenizer does: the same difference for every prompt.
 * `null` if it does not.
 */
export function addedTokens(prompts: readonly CountedPrompt[], wordTokens: WordTokens): number | null {
  const added = new Set(prompts.map(({ text, promptTokens }) => promptTokens - tokensIn(text, wordTokens)));
  const [only = -1] = added;
  return prompts.length > 1 && added.size === 1 && only >= 0 ? only : null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
