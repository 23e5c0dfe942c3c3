import { type DynamicModule, Module } from '@nestjs/common';
import { createHttpClient } from '@wapas/egress';
import { machineClock } from '@wapas/kernel';
import { type ProviderDefinition } from '@wapas/provider-kit';
import { type Config } from '../config/config';
import { IngestionModule } from '../ingestion/ingestion.module';
import { LinksModule } from '../links/links.module';
import { Log } from '../log';
import { PaymentsModule } from '../payments/payments.module';
import { CheckStatus } from './check-status';
import { ClaimMessages } from './claim-messages';
import { DispatchMessages } from './dispatch-messages';
import { EraseMessages } from './erase-messages';
import { CancelMessages, HearClicks } from './hear-others';
import { ProviderWebhooksController } from './http/provider-webhooks.controller';
import { PushOpenedController } from './http/push-opened.controller';
import { MoveMessages } from './move-messages';
import { StopsController } from './http/stops.controller';
import { OfferMessages } from './offer-messages';
import { ProviderRegistry } from './provider-registry';
import { RecordCalls } from './record-calls';
import { RecordReceipts } from './record-receipts';
import { RequestMessages } from './request-messages';
import { StopSending } from './stop-sending';
import { SweepMessages } from './sweep-messages';
import { Templates } from './templates';

@Module({})
export class ChannelsModule {
  static forRoot(config: Config, definitions: readonly ProviderDefinition[]): DynamicModule {
    return {
      module: ChannelsModule,
      // Journeys and the flow page need its parts; a module made from a configuration cannot be named in their imports.
      global: true,
      imports: [LinksModule, PaymentsModule, IngestionModule],
      controllers: [ProviderWebhooksController, PushOpenedController, StopsController],
      providers: [
        { provide: ProviderRegistry, useFactory: (log: Log) => registryOf(config, definitions, log), inject: [Log] },
        Templates,
        RequestMessages,
        StopSending,
        OfferMessages,
        CheckStatus,
        ClaimMessages,
        DispatchMessages,
        RecordCalls,
        RecordReceipts,
        SweepMessages,
        CancelMessages,
        HearClicks,
        EraseMessages,
        MoveMessages,
      ],
      exports: [
        EraseMessages,
        MoveMessages,
        RequestMessages,
        StopSending,
        Templates,
        ProviderRegistry,
        OfferMessages,
        CancelMessages,
        HearClicks,
        DispatchMessages,
        SweepMessages,
      ],
    };
  }
}

/** Makes the providers that are configured, in the order of the composition root. */
function registryOf(config: Config, definitions: readonly ProviderDefinition[], log: Log): ProviderRegistry {
  const http = createHttpClient();
  const configured = definitions.filter(({ name }) => Object.hasOwn(config.providers, name));
  return new ProviderRegistry(
    configured.map((definition) => ({
      name: definition.name,
      channel: definition.channel,
      definition,
      provider: definition.create(config.providers[definition.name], {
        http,
        clock: machineClock,
        log: {
          info: (fact, fields) => log.info(fact, { provider: definition.name, ...fields }),
          warn: (fact, fields) => log.warn(fact, { provider: definition.name, ...fields }),
        },
      }),
    })),
  );
}
