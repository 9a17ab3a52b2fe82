import { expect, test } from 'vitest';
import { openStatusWriter } from '../../src/cli/console/status-writer.ts';
import { Terminal } from '../render/terminal.ts';
import { progressState } from '../render/progress-states.ts';
import { fakeConsole } from './console.ts';

const PATH = 'reports/a-folder-with-a-name-that-is-longer-than-a-line-of-this-terminal/run.json';

test('messages fit the terminal at their words; a path stays whole', () => {
  const io = fakeConsole({ TERM: 'xterm' });
  const written: string[] = [];
  const terminal = { isTTY: true, columns: 40, on() {}, write: (text: string) => written.push(text) };
  const { warn, say } = openStatusWriter({}, { ...io, stderr: terminal as unknown as NodeJS.WriteStream });
  warn('in-flight requests get up to 8s to finish, or as long as they need');
  say('  12 of 13 requests met every limit of the scenario');
  say(`see ${PATH} for it`);
  const lines = written.join('').split('\n');
  expect(lines).toEqual([
    'warning: in-flight requests get up to',
    '  8s to finish, or as long as they need',
    '  12 of 13 requests met every limit of',
    '    the scenario',
    'see',
    `  ${PATH}`,
    '  for it',
    '',
  ]);
});

test('messages in a pipe are lines as written', () => {
  const io = fakeConsole();
  const text = 'word '.repeat(60).trim();
  openStatusWriter({}, io).warn(text);
  expect(io.err()).toBe(`warning: ${text}\n`);
});

test('the live line is gone when the process ends', () => {
  const terminal = new Terminal(60);
  const io = fakeConsole({ TERM: 'xterm' });
  const before = process.listeners('exit');
  const { progress } = openStatusWriter({}, { ...io, stderr: terminal as unknown as NodeJS.WriteStream });
  const added = process.listeners('exit').find((each) => !before.includes(each));
  progress.update(progressState());
  expect(terminal.screen()[0]).toContain('measure');
  added!(0);
  expect(terminal.screen()).toEqual(['']);
  // What a command has ended leaves no listener behind.
  progress.end();
  expect(process.listeners('exit')).toEqual(before);
});
