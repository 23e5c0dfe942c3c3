import { type DynamicModule, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EventEntity, MessageEntity } from './tutorial-event';

/** TypeORM as the tutorials set it up, with as many connections as the product has. */
export function tutorialDatabase(url: string): DynamicModule {
  return TypeOrmModule.forRoot({
    type: 'postgres',
    url,
    entities: [EventEntity, MessageEntity],
    synchronize: true,
    poolSize: 16,
  });
}

/** Serves a tutorial module on Express with a validation pipe, and tells the bench where. */
export async function serve(module: DynamicModule): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: ['error'] });
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  process.once('SIGTERM', () => void app.close().finally(() => process.exit(0)));
  process.send?.({ port });
}
