/** Gives way to signals during a long computation, and throws if the user asked to stop. */
export type Pause = () => Promise<void>;

/** Returns a function that pauses every `count` calls. */
export function pauseEvery(count: number, pause: Pause | undefined): () => Promise<void> | undefined {
  let calls = 0;
  return () => {
    calls++;
    return pause !== undefined && calls % count === 0 ? pause() : undefined;
  };
}
