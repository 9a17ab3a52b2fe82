/** The note of a test that skips because other programs kept the CPU from it: `skip(BUSY)`. The summary of all tests counts these. */
export const BUSY = 'other programs competed for the CPU during every attempt';
