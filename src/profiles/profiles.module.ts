import { Module } from '@nestjs/common';
import { IngestionModule } from '../ingestion/ingestion.module';
import { AttributeEvents } from './attribute-events';
import { FindPeople } from './find-people';
import { PeopleController } from './http/people.controller';

@Module({
  imports: [IngestionModule],
  controllers: [PeopleController],
  providers: [AttributeEvents, FindPeople],
  exports: [AttributeEvents],
})
export class ProfilesModule {}
