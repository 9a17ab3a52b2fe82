import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Locked {
  version?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
}

const ROOT = join(import.meta.dirname, '..');
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const installed = Object.entries(packages).filter(
  ([path, { link = false }]) => path.includes('node_modules/') && !link,
);

describe('package-lock.json', () => {
  it('has the hash of every package, and no package that fetches more while it is installed', () => {
    expect(installed.length).toBeGreaterThan(50);
    const unpinned = installed.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'));
    expect(unpinned.map(([path]) => path)).toEqual([]);
    const scripts = installed.filter(([, { hasInstallScript = false }]) => hasInstallScript);
    expect(scripts.map(([path]) => path)).toEqual([]);
  });

  it('has one version of Node, for several platforms', () => {
    const nodes = installed.filter(([path]) => /^node_modules\/node-(linux|win|darwin)-/.test(path));
    expect(nodes.length).toBeGreaterThanOrEqual(3);
    expect(new Set(nodes.map(([, { version }]) => version)).size).toBe(1);
  });
});

describe('the line after npm ci', () => {
  const check = (npmNode: string): string =>
    spawnSync(process.execPath, [join(ROOT, 'tools', 'node', 'check.mjs')], {
      encoding: 'utf8',
      env: { npm_config_user_agent: `npm/10.0.0 node/${npmNode} linux x64 workspaces/false` },
    }).stderr;

  it.each(['v18.20.0', 'v20.20.2', 'v22.18.0'])('on Node %s says what to use', (version) => {
    expect(check(version)).toMatch(new RegExp(`^npm runs on Node\\.js ${version}; .*npm start.*\\n$`));
  });

  it.each(['v22.19.0', 'v24.0.0', 'v26.1.0'])('on Node %s is not needed', (version) => {
    expect(check(version)).toBe('');
  });
});
