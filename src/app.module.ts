import { type DynamicModule, Global, Module } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BusinessClock, Database, openPool } from '@wapas/database';
import { Keyring } from '@wapas/encryption';
import { EntityKeys } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { type ProviderDefinition } from '@wapas/provider-kit';
import { fcm } from '@wapas/providers/fcm';
import { msg91 } from '@wapas/providers/msg91';
import { smtp } from '@wapas/providers/smtp';
import { webhook } from '@wapas/providers/webhook';
import { whatsAppCloud } from '@wapas/providers/whatsapp-cloud';
import { WorkQueueModule } from '@wapas/work-queue';
import { DataSource } from 'typeorm';
import { AccessModule } from './access/access.module';
import { AnalyticsModule } from './analytics/analytics.module';
import { ApplyRetention } from './apply-retention';
import { type BusEvents } from './bus-events';
import { ChannelsModule } from './channels/channels.module';
import { CONFIG, type Config } from './config/config';
import { databaseOptions } from './database-options';
import { HealthModule } from './health/health.module';
import { IngestionModule } from './ingestion/ingestion.module';
import { JourneysModule } from './journeys/journeys.module';
import { Lifecycle } from './lifecycle';
import { KnownChannels } from './known-channels';
import { LinksModule } from './links/links.module';
import { Log } from './log';
import { PaymentsModule } from './payments/payments.module';
import { ProfilesModule } from './profiles/profiles.module';
import { WebhooksModule } from './webhooks/webhooks.module';

/** Every provider of the tree. Adding one is its folder and its line here. The first of a channel is the one that is asked. */
export const providerDefinitions: readonly ProviderDefinition[] = [
  fcm,
  whatsAppCloud,
  msg91,
  smtp,
  webhook,
] as readonly ProviderDefinition[];

/** What every module may have: configuration, database, clock, bus, log. */
@Global()
@Module({})
class Foundation {
  static forRoot(config: Config, log: Log): DynamicModule {
    return {
      module: Foundation,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: Log, useValue: log },
        { provide: KnownChannels, useFactory: () => new KnownChannels(config) },
        { provide: EntityKeys, useFactory: () => new EntityKeys(config.secret) },
        {
          provide: Database,
          useFactory: (dataSource: DataSource) => new Database(openPool(dataSource), new Keyring(config.encryptionKeys)),
          inject: [DataSource],
        },
        { provide: BusinessClock, useFactory: (database: Database) => new BusinessClock(database), inject: [Database] },
        {
          provide: Bus,
          useFactory: (database: Database) =>
            new Bus<BusEvents>(database, {
              onFailure: (handler, error, parked) =>
                log.trouble(parked ? 'bus event parked' : 'bus handler failed', error, { handler }),
            }),
          inject: [Database],
        },
      ],
      exports: [CONFIG, Log, KnownChannels, EntityKeys, Database, BusinessClock, Bus],
    };
  }
}

/** The composition root: the same in production, in the demo and in tests. */
@Module({})
export class AppModule {
  /** `databaseUrl` is where the database of the configuration turned out to be. */
  static forRoot(config: Config, databaseUrl: string, log: Log): DynamicModule {
    const lanes = config.providerDefinitions.map(({ name }) => name);
    const channels = ChannelsModule.forRoot(config);
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({
          ...databaseOptions(databaseUrl, config.databaseConnections, log),
          retryAttempts: 5,
          retryDelay: 1_000,
        }),
        Foundation.forRoot(config, log),
        WorkQueueModule.forRoot({
          redisUrl: config.redisUrl,
          lanes,
          log: (fact, { lane, error }) => log.trouble(fact, error, { lane }),
        }),
        AccessModule,
        IngestionModule,
        PaymentsModule,
        ProfilesModule,
        channels,
        JourneysModule,
        LinksModule,
        AnalyticsModule,
        WebhooksModule,
        HealthModule,
        RouterModule.register([{ path: config.links.header, module: LinksModule }]),
      ],
      providers: [Lifecycle, ApplyRetention],
    };
  }
}
