import { type ServerResponse } from 'node:http';
import { type Answer, type Call } from './wire';

/** Answers a call; null when it has dealt with the connection itself. */
export type Handler = (call: Call, response: ServerResponse) => Promise<Answer | null> | Answer | null;

export interface Route {
  readonly method: string;
  /** `/handset/:address`: a part that begins with a colon matches anything and is given by name. */
  readonly path: string;
  readonly handle: Handler;
}

export type Match =
  | { readonly found: true; readonly handle: Handler; readonly params: Readonly<Record<string, string>> }
  | { readonly found: false; readonly status: 404 | 405 };

interface Prepared {
  readonly route: Route;
  readonly parts: readonly string[];
}

export class Router {
  private readonly prepared: readonly Prepared[];

  /** Earlier routes win. */
  constructor(routes: readonly Route[]) {
    this.prepared = routes.map((route) => ({ route, parts: route.path.split('/').slice(1) }));
  }

  match(method: string, path: string): Match {
    const given = path.replace(/\/$/, '').split('/').slice(1);
    let status: 404 | 405 = 404;
    for (const { route, parts } of this.prepared) {
      if (!fits(parts, given)) continue;
      const params = route.method === method ? paramsOf(parts, given) : null;
      if (params) return { found: true, handle: route.handle, params };
      status = 405;
    }
    return { found: false, status };
  }
}

function fits(parts: readonly string[], given: readonly string[]): boolean {
  return parts.length === given.length && parts.every((part, index) => part.startsWith(':') || part === given[index]);
}

function paramsOf(parts: readonly string[], given: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  parts.forEach((part, index) => {
    if (part.startsWith(':')) params[part.slice(1)] = decoded(given[index] as string);
  });
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A stray percent sign: the part is taken as it stands and will be found nowhere.
  }
}
