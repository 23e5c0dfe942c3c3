import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/ingestion.module';
import { AttributeEvents } from './attribute-events';
import { CorrectPerson } from './correct-person';
import { ErasePerson } from './erase-person';
import { ExportPerson } from './export-person';
import { FindPeople } from './find-people';
import { FollowNumbers } from './follow-numbers';
import { HearInbound } from './hear-inbound';
import { ConsentImportsController } from './http/consent-imports.controller';
import { ConsentsController } from './http/consents.controller';
import { PeopleController } from './http/people.controller';
import { PreferenceLinksController, PreferencesController } from './http/preferences.controller';
import { RightsController } from './http/rights.controller';
import { IdentifyPeople } from './identify-people';
import { ImportConsents } from './import-consents';
import { KeepPreferences } from './keep-preferences';
import { KeepStatedConsents } from './keep-stated-consents';
import { LearnNames } from './learn-names';
import { MergePeople } from './merge-people';
import { RecordConsents } from './record-consents';
import { ReviewConsents } from './review-consents';
import { SuppressPeople } from './suppress-people';

@Module({
  imports: [IngestionModule],
  controllers: [
    PeopleController,
    ConsentsController,
    ConsentImportsController,
    RightsController,
    PreferenceLinksController,
    PreferencesController,
  ],
  providers: [
    AttributeEvents,
    FindPeople,
    IdentifyPeople,
    RecordConsents,
    ReviewConsents,
    SuppressPeople,
    FollowNumbers,
    HearInbound,
    ImportConsents,
    LearnNames,
    KeepPreferences,
    KeepStatedConsents,
    MergePeople,
    CorrectPerson,
    ErasePerson,
    ExportPerson,
  ],
  exports: [
    AttributeEvents,
    KeepStatedConsents,
    MergePeople,
    FollowNumbers,
    HearInbound,
    ImportConsents,
    LearnNames,
    SuppressPeople,
    ErasePerson,
  ],
})
export class ProfilesModule {}
