import { GoodputError } from '../../errors.ts';

/**
 * Reads the value of `--port`.
 * @throws {GoodputError} kind `usage`
 */
export function portFrom(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new GoodputError('usage', `--port: got "${text}"; expected a whole number from 0 to 65535`);
}
