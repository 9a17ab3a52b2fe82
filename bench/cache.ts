import { resolve } from 'node:path';

/**
 * Folder for what the benchmark compiles and downloads; ignored by git. Its processes run in the root of the
 * repository.
 */
export const CACHE = resolve('.cache/bench');
