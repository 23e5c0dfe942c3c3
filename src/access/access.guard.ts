import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { notAuthenticated, noWriteKey, Problem } from '@wapas/problems';
import { CONFIG, type Config } from '../config/config';
import { Authenticate } from './authenticate';
import { ACCESS, type Access, type CallerRequest } from './caller';
import { allows } from './rules/api-key';

/** Stands before every route. A route that says neither @Needs nor @Open is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Authenticate) private readonly authenticate: Authenticate,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]);
    if (!access) throw notAuthenticated();
    if ('open' in access || access.unless?.(this.config)) return true;
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const caller = await this.authenticate.callerOf(access.asWriteKey ? writeKeyOf(request) : bearerOf(request));
    if (caller === 'unknown') throw access.asWriteKey ? noWriteKey() : notAuthenticated();
    if (caller === 'expired')
      throw new Problem(
        401,
        'key_expired',
        'This API key has expired. Ask for another one: POST /v1/keys or `npm run key` makes it.',
      );
    if (!allows(caller.scopes, access.needs))
      throw new Problem(403, 'scope_missing', `This key lacks the scope "${access.needs}".`);
    request.caller = caller;
    return true;
  }
}

/** Keys come in the header only: an address ends up in logs. */
function bearerOf(request: CallerRequest): string {
  const header = authorizationOf(request);
  return header.startsWith('Bearer ') ? header.slice(7) : '';
}

/** A header that is there is the one that counts: the body is not asked whether it knows a better key. */
function writeKeyOf(request: CallerRequest): string {
  const header = authorizationOf(request);
  const [, basic] = /^Basic ([A-Za-z0-9+/]{1,400}={0,2})$/.exec(header) ?? [];
  // The password is nobody's business: SDKs leave it empty.
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString('latin1').split(':', 1)[0] as string;
  if (header !== '') return bearerOf(request);
  const body = request.body as { writeKey?: unknown } | null | undefined;
  return typeof body === 'object' && typeof body?.writeKey === 'string' ? body.writeKey : '';
}

function authorizationOf(request: CallerRequest): string {
  if (countOf(request.raw.rawHeaders, 'authorization') > 1)
    throw new Problem(400, 'repeated_header', 'The Authorization header came more than once.');
  return request.headers.authorization ?? '';
}

function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2)
    if ((rawHeaders[index] as string).length === name.length && (rawHeaders[index] as string).toLowerCase() === name) count += 1;
  return count;
}
