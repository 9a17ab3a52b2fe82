// Loaded with --import into every thread of a goodput process: in load workers the parsing of the 50th event of usage alone throws.
import { isMainThread, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.scenario !== undefined) {
  const { parse } = JSON;
  let ends = 0;
  JSON.parse = function (text, reviver) {
    if (/"choices":\[\],"usage":\{/.test(text) && ++ends === 50) throw new TypeError('broken on purpose');
    return parse(text, reviver);
  };
}
