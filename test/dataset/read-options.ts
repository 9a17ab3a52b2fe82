import type { ReadOptions } from '../../src/dataset/read.ts';

/** Options of a data set whose format is recognised. */
export const READ_OPTIONS: ReadOptions = { format: null, columns: null, timeUnit: null, blockTokens: null };
