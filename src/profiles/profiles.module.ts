import { Module } from '@nestjs/common';
import { AttributeEvents } from './attribute-events';
import { FindPeople } from './find-people';
import { PeopleController } from './http/people.controller';

@Module({ controllers: [PeopleController], providers: [AttributeEvents, FindPeople], exports: [AttributeEvents] })
export class ProfilesModule {}
