import { describe, expect, it } from 'vitest';
import { type CurvePoint, goodputMaximum, knee } from '../../src/sweep/curve.ts';

const curve = (...pairs: [system: number, user: number, good?: number][]): CurvePoint[] =>
  pairs.map(([system_tps, user_tps, goodput_rps], at) => ({
    point: at + 1,
    system_tps,
    user_tps,
    goodput_rps: goodput_rps ?? null,
  }));

describe('the knee', () => {
  it('is the point farthest above the straight line between the ends', () => {
    // Scaled to 0 … 1: (0, 1) (0.5, 0.9) (0.8, 0.6) (1, 0): 0.4 above the line at both inner points but the third has 0.4, the second 0.4.
    expect(knee(curve([0, 100], [50, 95], [80, 60], [100, 0]))).toBe(2);
    expect(knee(curve([0, 100], [50, 80], [80, 60], [100, 0]))).toBe(3);
  });

  it('does not depend on the units', () => {
    const points = curve([1, 100], [5, 98], [8, 70], [10, 20]);
    const scaled = points.map((each) => ({
      ...each,
      system_tps: 37 * each.system_tps! + 5,
      user_tps: 0.2 * each.user_tps! + 1,
    }));
    expect(knee(scaled)).toBe(knee(points));
  });

  it('is null on a straight line, on one that bends the other way, and for fewer than three points', () => {
    expect(knee(curve([0, 100], [50, 50], [100, 0]))).toBeNull();
    expect(knee(curve([0, 100], [50, 20], [100, 0]))).toBeNull();
    expect(knee(curve([0, 100], [100, 0]))).toBeNull();
    expect(knee([])).toBeNull();
  });

  it('ignores points beyond the fastest of the system, and points that were not measured', () => {
    const trade: [number, number][] = [
      [0, 100],
      [60, 90],
      [100, 40],
    ];
    expect(knee(curve(...trade, [90, 10], [80, 1]))).toBe(2);
    const unmeasured = { point: 9, system_tps: null, user_tps: null, goodput_rps: null };
    expect(knee([...curve(...trade), unmeasured])).toBe(2);
  });
});

describe('the goodput maximum', () => {
  it('is the load with the most good requests; null without an SLO or a good request', () => {
    expect(goodputMaximum(curve([1, 9, 3], [2, 8, 5], [3, 1, 0]))).toBe(2);
    expect(goodputMaximum(curve([1, 9], [2, 8]))).toBeNull();
    expect(goodputMaximum(curve([1, 9, 0], [2, 8, 0]))).toBeNull();
  });
});
