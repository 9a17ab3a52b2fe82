import { randomStream } from '../random.ts';

/** Returns the model of each session, drawn by the seed in the given shares; `null` for all without shares. */
export function modelMix(
  seed: number,
  shares: Readonly<Record<string, number>> | null,
): (session: number) => string | null {
  if (shares === null) return () => null;
  const models = Object.entries(shares);
  return (session) => {
    let left = randomStream(seed, 'model', session).uniform();
    for (const [model, share] of models) {
      left -= share;
      if (left < 0) return model;
    }
    return models.at(-1)![0];
  };
}
