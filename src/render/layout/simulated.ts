import type { Page } from './style.ts';

/** Marks of results that were measured at a simulated endpoint. Each stands in the first line of its format. */

const MEANING = 'no model ran behind these numbers';

interface Marked {
  simulated?: boolean;
}

/** `SIMULATED, `, to stand behind the badge of a text. */
export const simulatedWord = ({ simulated }: Marked, page: Pick<Page, 'ink'>): string =>
  simulated === true ? `${page.ink.warn('SIMULATED')}, ` : '';

/** Ends a title of Markdown. */
export const simulatedTitle = ({ simulated }: Marked): string =>
  simulated === true ? ` (SIMULATED: ${MEANING})` : '';

/** Ends the name of a JUnit suite or the title of an annotation. */
export const simulatedName = ({ simulated }: Marked): string => (simulated === true ? ' (SIMULATED)' : '');

/** A comment, to be the first line of Prometheus' text format: parsers ignore it. */
export const simulatedComment = ({ simulated }: Marked): string =>
  simulated === true ? `# SIMULATED: ${MEANING}\n` : '';
