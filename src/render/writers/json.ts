/**
 * What a terminal may take for a command, or show in another order than it is written: JSON leaves all of these raw.
 * Escaped they are the same JSON.
 */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A document as `--json` prints it: two spaces deep, keys in the document's own order, a newline at the end. A number that
 * is not finite would be a defect upstream; JSON has no word for it, so it reads `null`.
 */
export function renderJson(summary: object): string {
  const text = JSON.stringify(summary, null, 2);
  return `${text.replaceAll(UNSAFE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
