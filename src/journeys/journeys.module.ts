import { Module } from '@nestjs/common';
import { Database } from '@wapas/database';
import { IngestionModule } from '../ingestion/ingestion.module';
import { PaymentsModule } from '../payments/payments.module';
import { ProfilesModule } from '../profiles/profiles.module';
import { AdvanceDueRuns } from './advance-due-runs';
import { AskAboutQuietRuns } from './ask-about-quiet-runs';
import { ApplyInputs } from './apply-inputs';
import { AuditRuns } from './audit-runs';
import { Catalogue } from './catalogue';
import { ChangeJourneys } from './change-journeys';
import { EnrolRuns } from './enrol-runs';
import { EraseRuns } from './erase-runs';
import { FindPlayed } from './find-played';
import { HearReceipts, HearSettled } from './hear-from-channels';
import { IncidentsController } from './incidents/http/incidents.controller';
import { HearDowntimes } from './incidents/hear-downtimes';
import { OpenIncidents } from './incidents/open-incidents';
import { WatchIncidents } from './incidents/watch-incidents';
import { JourneysController, SchemaController } from './http/journeys.controller';
import { SimulateController } from './http/simulate.controller';
import { StoriesController } from './http/stories.controller';
import { VersionsController } from './http/versions.controller';
import { BrokenJourneys, KnownJourneys, RunFigures, RunsAtFault } from './journeys.api';
import { MoveRuns } from './move-runs';
import { ReactToEvents } from './react-to-events';
import { ReverseRecoveries } from './reverse-recoveries';
import { AuditPeriod } from './replay/audit-period';
import { ReplaysController } from './replay/http/replays.controller';
import { WhatIfPeriod } from './replay/what-if/what-if-period';
import { WorkReplays } from './replay/work-replays';
import { SimulateJourney } from './simulate-journey';
import { auditOfRuns } from './store/audit.store';
import { TellStory } from './tell-story';
import { UnparkRuns } from './unpark-runs';
import { LinksToNowhere } from './links-to-nowhere';
import { UnservedChannels } from './unserved-channels';
import { factsOfVersion } from './version-facts';

@Module({
  imports: [IngestionModule, PaymentsModule, ProfilesModule],
  controllers: [
    JourneysController,
    SchemaController,
    SimulateController,
    VersionsController,
    StoriesController,
    IncidentsController,
    ReplaysController,
  ],
  providers: [
    Catalogue,
    OpenIncidents,
    WatchIncidents,
    HearDowntimes,
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
    UnservedChannels,
    LinksToNowhere,
    TellStory,
    ChangeJourneys,
    FindPlayed,
    SimulateJourney,
    AuditPeriod,
    WhatIfPeriod,
    WorkReplays,
    {
      provide: KnownJourneys,
      useFactory: (catalogue: Catalogue): KnownJourneys => ({
        isKnown: (key) => catalogue.find(key) !== undefined,
        versions: () => catalogue.all().map(factsOfVersion),
        enteredNow: (key) => new Set(catalogue.entered().flatMap((version) => (version.key === key ? [version.version] : []))),
      }),
      inject: [Catalogue],
    },
    {
      provide: BrokenJourneys,
      useFactory: (catalogue: Catalogue): BrokenJourneys => ({ files: () => catalogue.brokenFiles.map(({ file }) => file) }),
      inject: [Catalogue],
    },
    {
      provide: RunFigures,
      useFactory: (
        database: Database,
        audit: AuditRuns,
        due: AdvanceDueRuns,
        incidents: OpenIncidents,
        unserved: UnservedChannels,
      ): RunFigures => ({
        faults: () => audit.found ?? null,
        lateness: () => due.lateness.figures(),
        due: () => auditOfRuns.due(database),
        unserved: () => unserved.all(),
        incidents: () => incidents.all.map(({ dimension, value, gateway }) => ({ dimension, value, gateway })),
      }),
      inject: [Database, AuditRuns, AdvanceDueRuns, OpenIncidents, UnservedChannels],
    },
    {
      provide: RunsAtFault,
      useFactory: (...places: readonly Pick<RunsAtFault, 'lines'>[]): RunsAtFault => ({
        lines: () => places.flatMap((place) => place.lines()),
      }),
      inject: [AuditRuns, WatchIncidents, UnservedChannels, LinksToNowhere],
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
    WatchIncidents,
    RunFigures,
    WorkReplays,
    RunsAtFault,
    KnownJourneys,
    BrokenJourneys,
  ],
})
export class JourneysModule {}
