/**
 * Addresses of servers.
 *
 * Owns the rewriting between the address that a person writes, the WebSocket that speaks the language protocol and the
 * HTTP base beside it. Pure.
 */

const WEB: Record<string, string> = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };

function parsed(text: string): URL | undefined {
  try {
    const url = new URL(text.trim());
    return url.protocol in WEB && url.hostname !== "" ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The WebSocket address: `http` becomes `ws`, a missing path becomes `/lsp`. */
export function languageUrl(text: string): string | undefined {
  const url = parsed(text);
  if (!url) return undefined;
  const path = url.pathname === "/" ? "/lsp" : url.pathname;
  return `${WEB[url.protocol]}//${url.host}${path}${url.search}`;
}

/** The HTTP address beside the language endpoint, without a trailing slash. */
export function httpBase(text: string): string | undefined {
  const url = parsed(text);
  if (!url) return undefined;
  const scheme = WEB[url.protocol] === "wss:" ? "https:" : "http:";
  return `${scheme}//${url.host}${url.pathname.replace(/\/(lsp)?$/, "")}`;
}

/** What a key belongs to: scheme, host and port. */
export function origin(text: string): string | undefined {
  const base = httpBase(text);
  return base === undefined ? undefined : new URL(base).origin;
}
