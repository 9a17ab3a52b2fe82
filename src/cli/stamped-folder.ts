import { join } from 'node:path';

/** `reports/<name>-<YYYYMMDDTHHMMSSZ>`, where nobody named a folder. */
export const stampedFolder = (name: string, now: Date): string =>
  join('reports', `${name}-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
