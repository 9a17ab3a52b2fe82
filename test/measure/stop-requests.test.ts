/** @module-tag timed */
import { expect, test } from 'vitest';
import { StopRequests } from '../../src/measure/stop-requests.ts';

test('a listener hears every request once, including those made before it was added', () => {
  const stop = new StopRequests();
  let heard = 0;
  stop.request();
  const remove = stop.listen(() => heard++);
  expect(heard).toBe(1);
  stop.request();
  expect(heard).toBe(2);
  remove();
  stop.request();
  expect(heard).toBe(2);
  expect(stop.count).toBe(3);
});

test('nothing is requested at first', () => {
  const stop = new StopRequests();
  expect(stop.isRequested).toBe(false);
  stop.request();
  expect(stop.isRequested).toBe(true);
});
