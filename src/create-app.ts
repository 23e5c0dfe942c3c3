import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Problem, ProblemFilter, RouteTable } from '@wapas/problems';
import { AppModule } from './app.module';
import { type Config } from './config/config';
import { installBodyParser, LARGEST_BODY } from './http/body-parser';
import { connectionProblem } from './http/connection-errors';
import { endConnectionsOnClose } from './http/end-connections';
import { installDocs } from './http/openapi';
import { answerProblem, withoutLastSlash } from './http/problem-pages';
import { installStreamBodies } from './http/stream-bodies';
import { CheckedInput } from './http/validation';
import { Lifecycle } from './lifecycle';
import { Log } from './log';

/**
 * Builds the whole application on a database that is there. Everything works once this has resolved; only `listen` is left.
 * Rejects with the reason of `toldToStop` soon after that is aborted, with nothing left at work.
 */
export async function createApp(
  config: Config,
  databaseUrl: string,
  log: Log = new Log(config.logLevel),
  toldToStop?: AbortSignal,
): Promise<NestFastifyApplication> {
  const { header } = config.links;
  const answer = (request: FastifyRequest, reply: FastifyReply, problem: Problem) =>
    answerProblem(request, reply, problem, header);
  const adapter = new FastifyAdapter({
    trustProxy: (_address: string, hop: number) => hop < config.trustedProxies,
    bodyLimit: LARGEST_BODY,
    requestTimeout: config.requestTimeoutMs,
    // Node looks for late requests every 30 s unless told otherwise, and never ends a slow body before `headersTimeout` (60 s).
    http: { connectionsCheckingInterval: 1_000, headersTimeout: config.requestTimeoutMs },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: connectionProblem,
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      answer(request, reply, routes.refusalFor('', '')),
    rewriteUrl: ({ url = '' }) => withoutLastSlash(url, header),
  });
  const routes = new RouteTable();
  const fastify = adapter.getInstance();
  routes.watch(fastify);
  endConnectionsOnClose(fastify);
  installBodyParser(fastify);
  installStreamBodies(fastify);
  const made = NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config, databaseUrl, log), adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  const app = await unlessToldToStop(made, toldToStop);
  app.useGlobalFilters(
    new ProblemFilter(routes, (error, method, route) => log.trouble('request failed', error, { method, route }), answer),
  );
  app.useGlobalPipes(new CheckedInput());
  installSecurityHeaders(app);
  if (config.docs) installDocs(app);
  try {
    await app.get(Lifecycle).start(toldToStop);
    await app.init();
    await fastify.ready();
    toldToStop?.throwIfAborted();
    return app;
  } catch (error) {
    await app.close().catch((closing: unknown) => log.trouble('closing after a failed start', closing)); // The first error is the one to tell.
    toldToStop?.throwIfAborted();
    throw error;
  }
}

/** Nest cannot be called off while it tries to reach a database. Nothing moves before it has: it is left standing where it is. */
async function unlessToldToStop<T>(work: Promise<T>, toldToStop?: AbortSignal): Promise<T> {
  if (toldToStop === undefined) return work;
  work.catch(() => undefined); // Of work that was left nobody wants to hear; of all other the caller hears.
  return new Promise<T>((resolve, reject) => {
    const leave = () => reject(toldToStop.reason as Error);
    if (toldToStop.aborted) leave();
    toldToStop.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => toldToStop.removeEventListener('abort', leave));
  });
}

function installSecurityHeaders(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (_request, reply, done) => {
      void reply.header('x-content-type-options', 'nosniff');
      done();
    });
}
