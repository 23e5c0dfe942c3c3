/**
 * Where a link may lead: an https address on one of the allowed hosts, exactly; plain http only on loopback, for the
 * sandbox. Gives the address as a browser would open it, which is also what fits into a header; null for anything else.
 */
export function allowedTarget(target: string, hosts: readonly string[], allowLoopback: boolean): string | null {
  if (!URL.canParse(target)) return null;
  // What is compared is what a browser would open: the parsed host, never the text.
  const url = new URL(target);
  if (url.username !== '' || url.password !== '' || !hosts.includes(url.host)) return null;
  const isLoopback = url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (allowLoopback && isLoopback) ? url.href : null;
}

/** Link previews and scanners fetch links that nobody clicked. Names as their vendors publish them; read 2026-11-23. Cubot makes phones. */
const PREVIEW_AGENTS =
  /WhatsApp|facebookexternalhit|Facebot|Twitterbot|TelegramBot|Slackbot|LinkedInBot|Googlebot|Google-Safety|bingbot|SkypeUriPreview|(?<!cu)bot\b|crawler|spider|preview/i;

/** Does this request look like a person who clicked? A missing user agent is no browser. */
export function isClick(method: string, userAgent: string | undefined): boolean {
  return method === 'GET' && userAgent !== undefined && userAgent !== '' && !PREVIEW_AGENTS.test(userAgent);
}
