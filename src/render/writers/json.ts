/**
 * Characters that a terminal may interpret as a command, or that change the order of the text. JSON does not escape them; escaped,
 * the document is the same.
 */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Returns a document as `--json` prints it: indented by two spaces, keys in the document's order, a newline at the end. A number
 * that is not finite is written as `null`.
 */
export function renderJson(summary: object): string {
  const text = JSON.stringify(summary, null, 2);
  return `${text.replaceAll(UNSAFE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
