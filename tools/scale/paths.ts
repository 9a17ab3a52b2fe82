import { join } from 'node:path';
import { ROOT } from '../real/paths.ts';

export { ROOT } from '../real/paths.ts';
export const HERE = join(ROOT, 'tools', 'scale');
export const CACHE = join(ROOT, '.cache', 'scale');
/** Runs, logs and configurations, kept until the next run. */
export const RUNS = join(CACHE, 'runs');
