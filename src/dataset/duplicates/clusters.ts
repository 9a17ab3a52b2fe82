/** Records that are duplicates of each other; the first is kept. */
export interface Cluster {
  kept: number;
  removed: number[];
}

/** Connected components of the pairs that were joined, among records 0 … n − 1 (a union-find with path halving). */
export class Clusters {
  #parents: Uint32Array = new Uint32Array(1024);
  #size = 0;

  /** Adds a record. */
  add(): void {
    if (this.#size === this.#parents.length) {
      const larger = new Uint32Array(this.#size * 2);
      larger.set(this.#parents);
      this.#parents = larger;
    }
    this.#parents[this.#size] = this.#size;
    this.#size++;
  }

  /** Returns the first record of a record's cluster. */
  first(record: number): number {
    const parents = this.#parents;
    let at = record;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }

  join(a: number, b: number): void {
    const [first, other] = [this.first(a), this.first(b)];
    // The smaller number stays the root, so that it is the record kept.
    if (first < other) this.#parents[other] = first;
    else this.#parents[first] = other;
  }

  /** Returns the clusters of two or more records, in the order of the records kept. */
  all(): Cluster[] {
    const clusters = new Map<number, Cluster>();
    for (let record = 0; record < this.#size; record++) {
      const kept = this.first(record);
      if (kept === record) continue;
      const cluster = clusters.get(kept) ?? { kept, removed: [] };
      cluster.removed.push(record);
      clusters.set(kept, cluster);
    }
    return [...clusters.values()].sort((a, b) => a.kept - b.kept);
  }

  /** Returns the number of records that are not the first of their cluster. */
  get removed(): number {
    let count = 0;
    for (let record = 0; record < this.#size; record++) if (this.#parents[record] !== record) count++;
    return count;
  }
}
