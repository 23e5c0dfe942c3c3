import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/ingestion.module';
import { PaymentsModule } from '../payments/payments.module';
import { AdvanceDueRuns } from './advance-due-runs';
import { AskAboutQuietRuns } from './ask-about-quiet-runs';
import { ApplyInputs } from './apply-inputs';
import { Catalogue } from './catalogue';
import { EnrolRuns } from './enrol-runs';
import { HearReceipts, HearSettled } from './hear-from-channels';
import { JourneysController } from './http/journeys.controller';
import { StoriesController } from './http/stories.controller';
import { BrokenJourneys, KnownJourneys } from './journeys.api';
import { ReactToEvents } from './react-to-events';
import { TellStory } from './tell-story';
import { factsOfVersion } from './version-facts';

@Module({
  imports: [IngestionModule, PaymentsModule],
  controllers: [JourneysController, StoriesController],
  providers: [
    Catalogue,
    ApplyInputs,
    EnrolRuns,
    ReactToEvents,
    HearReceipts,
    HearSettled,
    AdvanceDueRuns,
    AskAboutQuietRuns,
    TellStory,
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
  ],
  exports: [Catalogue, ReactToEvents, HearReceipts, HearSettled, AdvanceDueRuns, KnownJourneys, BrokenJourneys],
})
export class JourneysModule {}
