import { clean } from '../layout/clean.ts';

export type Level = 'error' | 'warning' | 'notice';

/**
 * Returns an annotation for a GitHub workflow. It is a command on stdout, so external texts are escaped as in GitHub's own
 * toolkit. Ends with a newline.
 */
export const annotation = (level: Level, title: string, message: string): string =>
  `::${level} title=${property(clean(title))}::${data(clean(message))}\n`;

const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
