import { type FastifyInstance } from 'fastify';
import { Problem } from './problem';

/** Knows every route, so that a wrong method gets 405 with `Allow` and only an unknown address gets 404. */
export class RouteTable {
  private readonly routes: { pattern: RegExp; methods: Set<string> }[] = [];

  /** Call before routes are registered. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      const methods = new Set(Array.isArray(method) ? method : [method]);
      this.routes.push({ pattern: patternOf(url), methods });
    });
  }

  refusalFor(method: string, url: string): Problem {
    const path = url.split('?', 1)[0] as string;
    const allowed = new Set(this.routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]));
    if (allowed.size === 0 || allowed.has(method))
      return new Problem(404, 'not_found', 'There is nothing at this address. See /docs for what there is.');
    return new Problem(405, 'method_not_allowed', `Use ${[...allowed].join(', ')} here.`, { allow: [...allowed].join(', ') });
  }
}

function patternOf(url: string): RegExp {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}/?$`);
}
