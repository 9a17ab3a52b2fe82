import type { Page } from './style.ts';

/** Marks of results from a simulated endpoint. Each is in the first line of its format. */

const MEANING = 'no model produced these numbers';

interface Marked {
  simulated?: boolean;
}

/** Returns `SIMULATED, `, which follows the badge of a text. */
export const simulatedWord = ({ simulated }: Marked, page: Pick<Page, 'ink'>): string =>
  simulated === true ? `${page.ink.warn('SIMULATED')}, ` : '';

/** Returns the end of a Markdown title. */
export const simulatedTitle = ({ simulated }: Marked): string =>
  simulated === true ? ` (SIMULATED: ${MEANING})` : '';

/** Returns the end of the name of a JUnit suite or of an annotation's title. */
export const simulatedName = ({ simulated }: Marked): string => (simulated === true ? ' (SIMULATED)' : '');

/** Returns a comment for the first line of Prometheus' text format. */
export const simulatedComment = ({ simulated }: Marked): string =>
  simulated === true ? `# SIMULATED: ${MEANING}\n` : '';
