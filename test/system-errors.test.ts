import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf, reasonOf } from '../src/system-errors.ts';

const dir = mkdtempSync(join(tmpdir(), 'goodput-system-errors-'));
afterAll(() => rmSync(dir, { recursive: true }));

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('reasonOf', () => {
  it('names what the system refused, with its code', () => {
    const missing = join(dir, 'none');
    expect(reasonOf(thrownBy(() => readFileSync(missing)))).toBe('it does not exist (ENOENT)');
    expect(reasonOf(thrownBy(() => readFileSync(dir)))).toBe('it is a folder, not a file (EISDIR)');
  });

  it('names the folder of a file that cannot be written', () => {
    writeFileSync(join(dir, 'file'), '');
    const inMissing = thrownBy(() => writeFileSync(join(dir, 'none', 'file'), ''));
    const inFile = thrownBy(() => writeFileSync(join(dir, 'file', 'file'), ''));
    expect(reasonOf(inMissing, 'write')).toBe('its folder does not exist (ENOENT)');
    expect(reasonOf(inFile, 'write')).toBe('its folder is a file (ENOTDIR)');
  });

  it('names a port that another program uses', async () => {
    const first = createServer();
    await new Promise<void>((resolve) => first.listen(0, '127.0.0.1', resolve));
    const { port } = first.address() as { port: number };
    const second = createServer();
    const error = await new Promise<Error>((resolve) =>
      second.on('error', resolve).listen(port, '127.0.0.1'),
    );
    first.close();
    expect(reasonOf(error)).toMatch(/port \(EADDRINUSE\)$/);
  });

  it('keeps the message of an error without a known code', () => {
    expect(reasonOf(new Error('odd'))).toBe('odd');
    expect(reasonOf(Object.assign(new Error('odd'), { code: 'ENEW' }))).toBe('odd');
    expect(reasonOf('text')).toBe('text');
    expect(codeOf(Object.assign(new Error('odd'), { code: 7 }))).toBeNull();
  });
});
