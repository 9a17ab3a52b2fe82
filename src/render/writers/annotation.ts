import { clean } from '../layout/clean.ts';

export type Level = 'error' | 'warning' | 'notice';

/**
 * An annotation of GitHub's workflows. It is a command on stdout, so texts of others are escaped as GitHub's own toolkit does
 * it. Ends with a line end.
 */
export const annotation = (level: Level, title: string, message: string): string =>
  `::${level} title=${property(clean(title))}::${data(clean(message))}\n`;

const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
