// Loaded with --import into every thread of a goodput process: in load workers the parsing of the 25th event of usage alone throws. What a
// worker reads before its start is its rehearsal.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.scenario !== undefined) {
  const { parse } = JSON;
  let hasStarted = false;
  let ends = 0;
  parentPort.once('message', () => {
    hasStarted = true;
  });
  JSON.parse = function (text, reviver) {
    if (hasStarted && /"choices":\[\],"usage":\{/.test(text) && ++ends === 25)
      throw new TypeError('broken on purpose');
    return parse(text, reviver);
  };
}
