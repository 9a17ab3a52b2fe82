import { GoodputError } from '../errors.ts';
import type { Milliseconds } from '../units.ts';

/**
 * What the endpoint takes: the first token comes `ttftBase + ttftPerInputToken · input + ttftPerRequest · (other requests
 * in flight)` after the request, each later one `tpot` after the one before.
 */
export interface SimulatorSettings {
  ttftBase: Milliseconds;
  ttftPerInputToken: Milliseconds;
  ttftPerRequest: Milliseconds;
  tpot: Milliseconds;
}

/**
 * At 8 requests per second of some 256 input and 48 output tokens about 5 are in flight, and the first token takes
 * 40 + 51 + 40 ms: most requests meet 200 ms, long prompts and crowded moments miss it.
 */
export const DEFAULT_SETTINGS: SimulatorSettings = {
  ttftBase: 40,
  ttftPerInputToken: 0.2,
  ttftPerRequest: 8,
  tpot: 12,
};

/** @throws {GoodputError} of kind `usage` that names every setting that is no duration of at least 0 ms. */
export function resolveSettings(given: Partial<SimulatorSettings>): SimulatorSettings {
  const settings = { ...DEFAULT_SETTINGS, ...given };
  const mistakes = Object.entries(settings)
    .filter(([, value]) => !(Number.isFinite(value) && value >= 0))
    .map(([name, value]) => `simulator: ${name} is ${String(value)}; expected milliseconds, at least 0`);
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return settings;
}
