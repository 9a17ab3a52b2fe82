import { setImmediate as nextIteration } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Returns the bytes of the buffers in use. V8 frees buffers after a collection, beside the program: of earlier tests too. */
export async function bytesInUse(): Promise<number> {
  for (let previous = Infinity; ;) {
    gc();
    await nextIteration();
    const { arrayBuffers } = process.memoryUsage();
    if (arrayBuffers >= previous) return arrayBuffers;
    previous = arrayBuffers;
  }
}
