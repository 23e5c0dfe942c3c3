import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { isTooSlow } from '@wapas/database';
import { Problem } from './problem';
import { problemOfFailure } from './problem-of-failure';
import { type RouteTable } from './route-table';

/**
 * Turns whatever a request ended with into a problem, and has it answered. Only what we did not foresee is logged, without the request's content. So is
 * what took too long: it may be what was asked for, and then no later try will do better.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly onUnforeseen: (error: unknown, method: string, route: string) => void,
    private readonly answer: (request: FastifyRequest, reply: FastifyReply, problem: Problem) => void,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = this.problemOf(error, request);
    if (problem.status === 500 || isTooSlow(error))
      this.onUnforeseen(error, request.method, request.routeOptions?.url ?? 'unknown route');
    this.answer(request, reply, problem);
  }

  private problemOf(error: unknown, request: FastifyRequest): Problem {
    const problem = problemOfFailure(error);
    if (problem.status !== 500) return problem;
    const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number } | null)?.statusCode;
    if (status === 404) return this.routes.refusalFor(request.method, request.url);
    return (status !== undefined && BY_STATUS[status]) || problem;
  }
}

const BY_STATUS: Record<number, Problem> = {
  400: new Problem(400, 'malformed_request', 'The request cannot be read. Check its body and headers.'),
  408: new Problem(408, 'request_timeout', 'The request did not arrive whole in time.'),
  413: new Problem(413, 'body_too_large', 'The body is larger than this route takes.'),
  415: new Problem(415, 'unsupported_media_type', 'Send `Content-Type: application/json` in UTF-8.'),
  431: new Problem(431, 'headers_too_large', 'The headers are larger than 16 KiB.'),
};

/** Writes a problem to a raw Fastify reply. */
export function send(reply: FastifyReply, problem: Problem): void {
  if (problem.extra.retryAfterSeconds !== undefined) void reply.header('retry-after', String(problem.extra.retryAfterSeconds));
  if (problem.extra.allow) void reply.header('allow', problem.extra.allow);
  if (problem.extra.challenge) void reply.header('www-authenticate', problem.extra.challenge);
  void reply.status(problem.status).header('content-type', 'application/problem+json').send(JSON.stringify(problem.toBody()));
}
