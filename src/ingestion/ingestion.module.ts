import { Module } from '@nestjs/common';
import { EraseEvents } from './erase-events';
import { EventCatalogueController } from './catalogue/http/event-catalogue.controller';
import { ArmWaits } from './derived/arm-waits';
import { DeriveEvents } from './derived/derive-events';
import { DerivedDefinitions } from './derived/derived-definitions';
import { DerivedEventsController } from './derived/http/derived-events.controller';
import { EventsController } from './http/events.controller';
import { SourceWebhooksController } from './http/source-webhooks.controller';
import { MappedSourcesController } from './mapped/http/mapped-sources.controller';
import { ListSources } from './mapped/list-sources';
import { MappedSources } from './mapped/mapped-sources';
import { TrySource } from './mapped/try-source';
import { QuarantineController } from './quarantine/http/quarantine.controller';
import { KeepQuarantined } from './quarantine/keep-quarantined';
import { ListQuarantine } from './quarantine/list-quarantine';
import { ReadAgain } from './quarantine/read-again';
import { ReplayQuarantined } from './quarantine/replay-quarantined';
import { ReceiveWebhook } from './receive-webhook';
import { RecentEvents } from './recent-events';
import { RecordEvents } from './record-events';
import { EventSchemas } from './schemas/event-schemas';
import { EventSchemasController } from './schemas/http/event-schemas.controller';
import { ListEventNames } from './schemas/list-event-names';
import { SegmentController } from './segment/http/segment.controller';
import { ReceiveMessages } from './segment/receive-messages';
import { UNUSABLE_MESSAGES, type UnusableMessages } from './segment/unusable-messages';
import { SourcePulse } from './source-pulse';
import { WatchEvents } from './watch-events';

@Module({
  controllers: [
    EventsController,
    SourceWebhooksController,
    SegmentController,
    DerivedEventsController,
    EventSchemasController,
    MappedSourcesController,
    QuarantineController,
    EventCatalogueController,
  ],
  providers: [
    RecordEvents,
    ReceiveWebhook,
    RecentEvents,
    SourcePulse,
    EraseEvents,
    ReceiveMessages,
    DerivedDefinitions,
    EventSchemas,
    MappedSources,
    ListSources,
    TrySource,
    ListEventNames,
    ArmWaits,
    WatchEvents,
    DeriveEvents,
    KeepQuarantined,
    ReadAgain,
    ListQuarantine,
    ReplayQuarantined,
    {
      provide: UNUSABLE_MESSAGES,
      useFactory: (keepQuarantined: KeepQuarantined): UnusableMessages => ({
        keep: ({ reason, test, rawBody }) =>
          keepQuarantined.keep({ source: test ? 'segment-test' : 'segment', reason, headers: {}, rawBody }),
      }),
      inject: [KeepQuarantined],
    },
  ],
  exports: [RecordEvents, RecentEvents, SourcePulse, EraseEvents],
})
export class IngestionModule {}
