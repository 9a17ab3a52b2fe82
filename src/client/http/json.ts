/** A JSON object whose keys are still unchecked. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The string, or '' for anything else: servers write null, leave the key out, or send '' for the same thing. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The text of a string or a number, or '' for anything else: `String` calls what an object says about itself, and may fail. */
export const plainText = (value: unknown): string =>
  typeof value === 'number' ? String(value) : asText(value);

/** A count of tokens, or `null` for what cannot be one. */
export function asCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Deeper than this nothing is that a server means; JSON.stringify and messages between threads recurse, and would fail on it. */
const DEEPEST = 64;

export function isShallow(value: unknown, left = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return left > 0 && Object.values(value).every((each) => isShallow(each, left - 1));
}

/** As JSON, for people. */
export const jsonText = (value: unknown): string =>
  isShallow(value) ? JSON.stringify(value) : '(nested too deeply to be shown)';
