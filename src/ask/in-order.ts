/**
 * Asks about items, several at a time, and yields what `ask` returns in the order of the items. After a failure it takes no more items, waits
 * for the questions in flight, and throws the failure.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  parallel: number,
  ask: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const inFlight: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const asked = ask(item);
      // It is awaited below; until then its failure is not unhandled.
      asked.catch(() => {});
      inFlight.push(asked);
      if (inFlight.length >= parallel) yield await inFlight.shift()!;
    }
    while (inFlight.length > 0) yield await inFlight.shift()!;
  } finally {
    await Promise.allSettled(inFlight);
  }
}
