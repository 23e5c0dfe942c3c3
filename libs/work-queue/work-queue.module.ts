import { BullModule, getQueueToken } from '@nestjs/bull';
import { type DynamicModule, Inject, Module, type OnModuleDestroy, type Provider } from '@nestjs/common';
import { type Queue } from 'bull';
import { type BullJobData, bullOptions, BullQueue } from './bull.queue';
import { InProcessQueue } from './in-process.queue';
import { RedisConnections } from './redis-connections';
import { RedisTokenBucket } from './redis-token-bucket';
import { InProcessTokenBucket } from './token-bucket';
import { type WorkQueue, type WorkQueueLog } from './work-queue';

/** Injects the {@link WorkQueue}. */
export const WORK_QUEUE = Symbol('WORK_QUEUE');
/** Injects the `TokenBucket` that is shared by all who share the queue. */
export const TOKEN_BUCKET = Symbol('TOKEN_BUCKET');

export interface WorkQueueOptions {
  /** Several containers: Bull on this Redis. Absent: one container, in-process. */
  readonly redisUrl?: string;
  /** Every lane there will be; a lane costs a connection only where it is worked. */
  readonly lanes: readonly string[];
  readonly log: WorkQueueLog;
}

/**
 * Global. On shutdown it stops taking jobs and waits for those at work in `onModuleDestroy`, which Nest runs before any
 * `onApplicationShutdown`: the database is still there for the workers, and Bull's own hook finds its queues closed.
 */
@Module({})
export class WorkQueueModule implements OnModuleDestroy {
  constructor(@Inject(WORK_QUEUE) private readonly queue: WorkQueue) {}

  static forRoot(options: WorkQueueOptions): DynamicModule {
    const { redisUrl } = options;
    const parts = redisUrl === undefined ? withinOneProcess(options) : acrossContainers(redisUrl, options);
    return { module: WorkQueueModule, global: true, exports: [WORK_QUEUE, TOKEN_BUCKET], ...parts };
  }

  async onModuleDestroy(): Promise<void> {
    await this.queue.close();
  }
}

interface ModuleParts {
  readonly imports?: DynamicModule[];
  readonly providers: Provider[];
}

function withinOneProcess({ lanes, log }: WorkQueueOptions): ModuleParts {
  return {
    providers: [
      { provide: WORK_QUEUE, useFactory: () => new InProcessQueue(lanes, log) },
      { provide: TOKEN_BUCKET, useFactory: () => new InProcessTokenBucket() },
    ],
  };
}

function acrossContainers(redisUrl: string, { lanes, log }: WorkQueueOptions): ModuleParts {
  const connections = new RedisConnections(redisUrl, log);
  const configKey = 'wapas';
  return {
    imports: [
      BullModule.forRoot(configKey, bullOptions(connections)),
      BullModule.registerQueue(...lanes.map((name) => ({ configKey, name }))),
    ],
    providers: [
      {
        provide: WORK_QUEUE,
        inject: lanes.map((lane) => getQueueToken(lane)),
        useFactory: async (...queues: Queue<BullJobData>[]) => {
          // A start without Redis is allowed (readiness does not depend on it); waiting a moment only spares the log.
          await connections.run((redis) => redis.ping()).catch(() => undefined);
          return new BullQueue(new Map(queues.map((queue) => [queue.name, queue])), connections, log);
        },
      },
      { provide: TOKEN_BUCKET, useFactory: () => new RedisTokenBucket(connections, log) },
    ],
  };
}
