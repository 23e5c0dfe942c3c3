import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { ProblemFilter, RouteTable, send } from '@wapas/problems';
import { AppModule } from './app.module';
import { type Config } from './config/config';
import { installBodyParser, LARGEST_BODY } from './http/body-parser';
import { connectionProblem } from './http/connection-errors';
import { endConnectionsOnClose } from './http/end-connections';
import { installDocs } from './http/openapi';
import { installStreamBodies } from './http/stream-bodies';
import { CheckedInput } from './http/validation';
import { Lifecycle } from './lifecycle';
import { Log } from './log';

/** Builds the whole application on a database that is there. Everything works once this has resolved; only `listen` is left. */
export async function createApp(
  config: Config,
  databaseUrl: string,
  log: Log = new Log(config.logLevel),
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    trustProxy: (_address: string, hop: number) => hop < config.trustedProxies,
    bodyLimit: LARGEST_BODY,
    requestTimeout: config.requestTimeoutMs,
    // Node looks for late requests every 30 s unless told otherwise, and never ends a slow body before `headersTimeout` (60 s).
    http: { connectionsCheckingInterval: 1_000, headersTimeout: config.requestTimeoutMs },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: connectionProblem,
    frameworkErrors: (_error: unknown, _request: FastifyRequest, reply: FastifyReply) => send(reply, routes.refusalFor('', '')),
  });
  const routes = new RouteTable();
  const fastify = adapter.getInstance();
  routes.watch(fastify);
  endConnectionsOnClose(fastify);
  installBodyParser(fastify);
  installStreamBodies(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config, databaseUrl, log), adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(
    new ProblemFilter(routes, (error, method, route) => log.trouble('request failed', error, { method, route })),
  );
  app.useGlobalPipes(new CheckedInput());
  installSecurityHeaders(app);
  if (config.docs) installDocs(app);
  try {
    await app.get(Lifecycle).start();
    await app.init();
    await fastify.ready();
    return app;
  } catch (error) {
    await app.close().catch((closing: unknown) => log.trouble('closing after a failed start', closing)); // The first error is the one to tell.
    throw error;
  }
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
