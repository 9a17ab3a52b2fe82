interface Vertex {
  at: readonly number[];
  value: number;
}

/**
 * Minimises a function of several variables without derivatives, by the method of Nelder and Mead (1965) with reflection 1, expansion 2,
 * contraction 1/2 and shrinkage 1/2.
 * @param step length of the first simplex's edges
 * @param evaluations stops after about this many values
 * @param tolerance stops when all corners of the simplex are within this distance of the best
 */
export async function minimise(
  f: (at: readonly number[]) => Promise<number>,
  start: readonly number[],
  { step, evaluations, tolerance }: { step: number; evaluations: number; tolerance: number },
): Promise<Vertex> {
  let left = evaluations;
  const vertex = async (at: readonly number[]): Promise<Vertex> => {
    left--;
    return { at, value: await f(at) };
  };
  const simplex = [await vertex(start)];
  for (const k of start.keys()) simplex.push(await vertex(start.map((x, j) => (j === k ? x + step : x))));
  for (;;) {
    simplex.sort((a, b) => a.value - b.value);
    const [best] = simplex;
    const worst = simplex.at(-1)!;
    const spread = Math.max(
      ...simplex.map(({ at }) => Math.max(0, ...at.map((x, k) => Math.abs(x - best!.at[k]!)))),
    );
    if (left <= 0 || spread <= tolerance) return best!;
    const others = simplex.slice(0, -1);
    const centre = start.map((_, k) => others.reduce((sum, { at }) => sum + at[k]!, 0) / others.length);
    /** Returns the point on the line from the worst corner through the centre, at this multiple of their distance beyond the centre. */
    const beyond = (factor: number): number[] => centre.map((x, k) => x + factor * (x - worst.at[k]!));
    const reflected = await vertex(beyond(1));
    let next: Vertex | null = reflected;
    if (reflected.value < best!.value) {
      const expanded = await vertex(beyond(2));
      if (expanded.value < reflected.value) next = expanded;
    } else if (reflected.value >= (others.at(-1) ?? worst).value) {
      const contracted = await vertex(beyond(reflected.value < worst.value ? 0.5 : -0.5));
      next = contracted.value < Math.min(reflected.value, worst.value) ? contracted : null;
    }
    if (next !== null) {
      simplex[simplex.length - 1] = next;
      continue;
    }
    for (let k = 1; k < simplex.length; k++) {
      simplex[k] = await vertex(simplex[k]!.at.map((x, j) => (x + best!.at[j]!) / 2));
    }
  }
}
