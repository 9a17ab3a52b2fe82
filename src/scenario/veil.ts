/**
 * The braces of a bare `${NAME}` would close a YAML flow map (`{ apiKey: ${NAME} }`), and nobody who writes one means that.
 * So the parser is shown two characters of the private use area in their place: offsets stay what they were.
 */
const OPEN = '\uE000';
const SHUT = '\uE001';

export function veil(text: string): string {
  return text.replaceAll(/\$\{(\w+)\}/g, `$$${OPEN}$1${SHUT}`);
}

/** What was veiled, in every key and string of a parsed value. */
export function unveil(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(OPEN, '{').replaceAll(SHUT, '}');
  if (Array.isArray(value)) return value.map(unveil);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [unveil(key), unveil(each)]));
}
