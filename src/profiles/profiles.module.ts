import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/ingestion.module';
import { AttributeEvents } from './attribute-events';
import { FindPeople } from './find-people';
import { HearInbound } from './hear-inbound';
import { ConsentImportsController } from './http/consent-imports.controller';
import { ConsentsController } from './http/consents.controller';
import { PeopleController } from './http/people.controller';
import { IdentifyPeople } from './identify-people';
import { ImportConsents } from './import-consents';
import { RecordConsents } from './record-consents';
import { ReviewConsents } from './review-consents';
import { SuppressPeople } from './suppress-people';

@Module({
  imports: [IngestionModule],
  controllers: [PeopleController, ConsentsController, ConsentImportsController],
  providers: [
    AttributeEvents,
    FindPeople,
    IdentifyPeople,
    RecordConsents,
    ReviewConsents,
    SuppressPeople,
    HearInbound,
    ImportConsents,
  ],
  exports: [AttributeEvents, HearInbound, ImportConsents],
})
export class ProfilesModule {}
