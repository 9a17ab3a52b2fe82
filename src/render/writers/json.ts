/**
 * Characters that a terminal may interpret as a command, or that change the order of the text. JSON does not escape them; escaped,
 * the document is the same.
 */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Returns a document as `--json` prints it: indented by two spaces, keys in the document's order, a newline at the end. A number
 * that is not finite is written as `null`.
 */
export const renderJson = (document: object): string => `${safe(JSON.stringify(document, null, 2))}\n`;

/** Returns a document of long lists on one line. */
export const renderCompactJson = (document: object): string => `${safe(JSON.stringify(document))}\n`;

const safe = (text: string): string =>
  text.replaceAll(UNSAFE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
