import { absolute } from '../app/base';
import { needsBetterLink } from '../session/roomLink';

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/**
 * Addresses of the home page by which other computers reach it, best first. Only asked for where the own one is of no use
 * to them; whatever goes wrong is as if there were none.
 */
export async function betterAddresses(
  hostname: string = window.location.hostname,
  fetcher: Fetch = fetch,
): Promise<readonly string[]> {
  if (!needsBetterLink(hostname)) return [];
  try {
    const response = await fetcher(absolute('api/links'), { cache: 'no-store', credentials: 'same-origin' });
    const body: unknown = response.ok ? await response.json() : null;
    return isLinks(body) ? body.links : [];
  } catch {
    // Only a better link to copy is lost.
    return [];
  }
}

function isLinks(body: unknown): body is { readonly links: readonly string[] } {
  if (typeof body !== 'object' || body === null || !('links' in body) || !Array.isArray(body.links)) return false;
  return body.links.every((link) => typeof link === 'string');
}
