export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns a string, or '' for anything else: servers use null, a missing key and '' interchangeably. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Returns the text of a string or a number, or '' for anything else. `String` would call an object's own `toString`, which may throw. */
export const scalarText = (value: unknown): string =>
  typeof value === 'number' ? String(value) : asText(value);

/** Returns a valid token count, or `null`. */
export function asCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** No server means to send deeper values. JSON.stringify and messages between threads are recursive and would fail on them. */
const MAX_DEPTH = 64;

export function isShallow(value: unknown, left = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return left > 0 && Object.values(value).every((each) => isShallow(each, left - 1));
}

export const jsonText = (value: unknown): string =>
  isShallow(value) ? JSON.stringify(value) : '(nested too deeply to be shown)';
