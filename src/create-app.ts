import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Fault, ProblemFilter, RouteTable, send, unprocessable } from '@wapas/problems';
import { AppModule } from './app.module';
import { type Config } from './config/config';
import { installBodyParser, LARGEST_BODY } from './http/body-parser';
import { connectionProblem } from './http/connection-errors';
import { endConnectionsOnClose } from './http/end-connections';
import { installStreamBodies } from './http/stream-bodies';
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
  app.useGlobalPipes(
    new ValidationPipe({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      exceptionFactory: validationProblem,
    }),
  );
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

function installDocs(app: NestFastifyApplication): void {
  const document = new DocumentBuilder()
    .setTitle('Wapas')
    .setDescription(
      'Post what happened. Wapas brings the customer back on a strict timeline and is silent the moment they have paid. Errors are RFC 9457 problem bodies; branch on `code`.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key. `npm run key` makes the first one.' })
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'For the Segment-compatible routes: the API key as user name.' })
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, document), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Wapas API',
    swaggerOptions: { persistAuthorization: false },
  });
}

function validationProblem(errors: ValidationError[]): Error {
  return unprocessable(errors.flatMap((error) => faultsOf(error, '')));
}

function faultsOf(error: ValidationError, parent: string): Fault[] {
  const unknown = error.constraints?.whitelistValidation !== undefined;
  const at = unknown ? parent || '/' : `${parent}/${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([code, detail]) =>
    unknown
      ? { at, code: 'unknown_field', detail: 'There is a field here that this route does not know.' }
      : { at, code, detail: `${detail}.` },
  );
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, at))];
}
