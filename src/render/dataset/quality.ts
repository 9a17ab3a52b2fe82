import type { Quality } from '../../dataset/inspect/quality.ts';
import { clean } from '../layout/clean.ts';
import { entry } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

/** Returns the six quality marks, each with what was measured. */
export const qualityLines = (quality: Quality, page: Page): string[] =>
  Object.entries(quality).flatMap(([mark, found]: [string, string]) =>
    entry(mark.charAt(0).toUpperCase() + mark.slice(1), clean(found), page),
  );
