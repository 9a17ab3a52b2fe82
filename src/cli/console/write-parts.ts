import type { Writable } from 'node:stream';

/**
 * Writes parts to a stream no faster than it takes them, so that a slow reader does not fill the memory. Stops if the stream fails or
 * its reader goes away, without an error: `surviveClosedPipes` decides what a failure of stdout means.
 */
export async function writeParts(
  parts: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  stream: Writable,
): Promise<void> {
  let isOpen = !stream.destroyed;
  let proceed = (): void => {};
  const onEnd = (): void => {
    isOpen = false;
    proceed();
  };
  const onDrain = (): void => proceed();
  stream.on('error', onEnd).on('close', onEnd).on('drain', onDrain);
  try {
    for await (const part of parts) {
      if (!isOpen) return;
      if (stream.write(part)) continue;
      await new Promise<void>((resolve) => {
        proceed = resolve;
        if (!isOpen) resolve();
      });
    }
  } finally {
    stream.off('error', onEnd).off('close', onEnd).off('drain', onDrain);
  }
}
