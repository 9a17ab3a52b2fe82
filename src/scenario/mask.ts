/**
 * The braces of an unquoted `${NAME}` would close a YAML flow map (`{ apiKey: ${NAME} }`), so they are masked by two characters
 * of the private use area before the text is parsed. Offsets do not change.
 */
const OPEN = '\uE000';
const SHUT = '\uE001';

export function maskReferences(text: string): string {
  return text.replaceAll(/\$\{(\w+)\}/g, `$$${OPEN}$1${SHUT}`);
}

/** Restores the braces in every key and string of a parsed value. */
export function unmaskReferences(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(OPEN, '{').replaceAll(SHUT, '}');
  if (Array.isArray(value)) return value.map(unmaskReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [unmaskReferences(key), unmaskReferences(each)]),
  );
}
