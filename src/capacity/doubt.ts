import { isDoubtful, type SearchWindow } from './search-window.ts';

/** Why windows are inconclusive. */
export interface Doubt {
  /**
   * `contended`: something on goodput's own machine disturbed them; `contradictory`: they do not agree with each other; `few`: they are not
   * enough windows or requests.
   */
  why: 'contended' | 'contradictory' | 'few';
  windows: readonly SearchWindow[];
  /** The number of requests needed, about; only with `few`. */
  requests: number | null;
}

/** Windows at the lowest load before a capacity of 0 is accepted. */
const FEWEST_WINDOWS = 3;
/** Standard errors that attainment must be below the target. */
const CLEARLY = 2;

/**
 * Returns the doubt about a capacity of 0, from the windows at the lowest load: 0 is an answer if at least three of
 * them are not in doubt, and together they are two standard errors below the target. The error allows for how far the windows scatter.
 */
export function doubtOfZero(windows: readonly SearchWindow[], target: number): Doubt | null {
  const sound = windows.filter((window) => !isDoubtful(window, target));
  const disturbed = windows.length > sound.length;
  if (sound.length < FEWEST_WINDOWS) return { why: disturbed ? 'contended' : 'few', windows, requests: null };
  const n = sum(sound.map((window) => window.n));
  const p = (sum(sound.map(({ good }) => good)) + 0.3) / (n + 0.6);
  const chi = sum(sound.map((window) => (window.good - p * window.n) ** 2 / (p * (1 - p) * window.n)));
  const dispersion = Math.max(1, chi / (sound.length - 1));
  const variance = p * (1 - p) * dispersion;
  if (p + CLEARLY * Math.sqrt(variance / n) < target) return null;
  if (dispersion > SCATTERED) return { why: 'contradictory', windows: sound, requests: null };
  const requests = p < target ? Math.ceil((CLEARLY ** 2 * variance) / (target - p) ** 2) : null;
  return { why: 'few', windows: sound, requests };
}

/** Pearson dispersion of three to five windows that hardly ever occurs by chance (5.3 for three at 0.5%). */
const SCATTERED = 5;

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
