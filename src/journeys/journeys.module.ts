import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/ingestion.module';
import { PaymentsModule } from '../payments/payments.module';
import { AdvanceDueRuns } from './advance-due-runs';
import { AskAboutQuietRuns } from './ask-about-quiet-runs';
import { ApplyInputs } from './apply-inputs';
import { AuditRuns } from './audit-runs';
import { Catalogue } from './catalogue';
import { ChangeJourneys } from './change-journeys';
import { EnrolRuns } from './enrol-runs';
import { EraseRuns } from './erase-runs';
import { HearReceipts, HearSettled } from './hear-from-channels';
import { JourneysController, SchemaController } from './http/journeys.controller';
import { SimulateController } from './http/simulate.controller';
import { StoriesController } from './http/stories.controller';
import { VersionsController } from './http/versions.controller';
import { BrokenJourneys, KnownJourneys, RunsAtFault } from './journeys.api';
import { MoveRuns } from './move-runs';
import { ReactToEvents } from './react-to-events';
import { ReverseRecoveries } from './reverse-recoveries';
import { SimulateJourney } from './simulate-journey';
import { TellStory } from './tell-story';
import { UnparkRuns } from './unpark-runs';
import { factsOfVersion } from './version-facts';

@Module({
  imports: [IngestionModule, PaymentsModule],
  controllers: [JourneysController, SchemaController, SimulateController, VersionsController, StoriesController],
  providers: [
    Catalogue,
    ApplyInputs,
    EnrolRuns,
    EraseRuns,
    MoveRuns,
    ReverseRecoveries,
    ReactToEvents,
    HearReceipts,
    HearSettled,
    AdvanceDueRuns,
    AskAboutQuietRuns,
    UnparkRuns,
    AuditRuns,
    TellStory,
    ChangeJourneys,
    SimulateJourney,
    {
      provide: KnownJourneys,
      useFactory: (catalogue: Catalogue): KnownJourneys => ({
        isKnown: (key) => catalogue.find(key) !== undefined,
        versions: () => catalogue.all().map(factsOfVersion),
      }),
      inject: [Catalogue],
    },
    {
      provide: BrokenJourneys,
      useFactory: (catalogue: Catalogue): BrokenJourneys => ({ files: () => catalogue.brokenFiles.map(({ file }) => file) }),
      inject: [Catalogue],
    },
    {
      provide: RunsAtFault,
      useFactory: (audit: AuditRuns): RunsAtFault => ({ lines: () => audit.lines() }),
      inject: [AuditRuns],
    },
  ],
  exports: [
    Catalogue,
    EraseRuns,
    MoveRuns,
    ReactToEvents,
    HearReceipts,
    HearSettled,
    AdvanceDueRuns,
    UnparkRuns,
    AuditRuns,
    RunsAtFault,
    KnownJourneys,
    BrokenJourneys,
  ],
})
export class JourneysModule {}
