import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(HERE, '..', '..');
export const CACHE = join(ROOT, '.cache', 'real');
export const RUNS = join(CACHE, 'runs'); // kept until the next run, for inspection
