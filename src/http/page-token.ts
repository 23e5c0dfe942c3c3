import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

/** The token in the path of a page that customers open, as it came: what cannot be one gets the page that says so, not a problem body. */
export const PageToken = createParamDecorator(
  (_data: unknown, context: ExecutionContext): string =>
    (context.switchToHttp().getRequest<FastifyRequest>().params as { token: string }).token,
);
