type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the name of the environment variable that sets a proxy for a URL, by the usual conventions: the variable of the URL's
 * scheme, lower case first, unless `NO_PROXY` lists the host. Loopback hosts never use a proxy.
 */
export function proxyOfEnvironment(url: string, env: Environment): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isLoopback(host)) return null;
  const variable = [`${protocol.slice(0, -1)}_proxy`, `${protocol.slice(0, -1)}_PROXY`.toUpperCase()].find(
    (name) => (env[name] ?? '').trim() !== '',
  );
  if (variable === undefined) return null;
  const exempt = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  return isExempt(host, port || (protocol === 'https:' ? '443' : '80'), exempt) ? null : variable;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host);

/** Matches `*`, a domain and its subdomains, an address, or a range of IPv4 addresses, each with an optional port. */
function isExempt(host: string, port: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = entry, only] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
      if (only !== undefined && only !== port) return false;
      const bare = name.replace(/^\[(.*)\]$/, '$1').replace(/^\*?\./, '');
      return host === bare || host.endsWith(`.${bare}`) || isWithin(host, bare);
    });
}

function isWithin(host: string, range: string): boolean {
  const [, base, bits] = /^(\d+(?:\.\d+){3})\/(\d{1,2})$/.exec(range) ?? [];
  const of = base === undefined ? null : numberOf(base);
  const at = numberOf(host);
  if (of === null || at === null || Number(bits) > 32) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(of / size) === Math.floor(at / size);
}

function numberOf(address: string): number | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return null;
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
