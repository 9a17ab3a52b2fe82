/** Finish reasons by which servers report a failure. All other reasons, known or not, are completions. */
const BAD_FINISH = new Set([
  'error',
  'abort',
  'aborted',
  'cancelled',
  'canceled',
  'insufficient_system_resource',
]);

export const isBadFinish = (reason: string): boolean => BAD_FINISH.has(reason.toLowerCase());
