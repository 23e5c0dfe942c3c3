import 'reflect-metadata';
import { Body, Controller, HttpCode, Inject, Module, Post } from '@nestjs/common';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import { type Repository } from 'typeorm';
import { serve, tutorialDatabase } from './tutorial-app';
import { EventDto, EventEntity, toEntity } from './tutorial-event';

/** Ingest as the tutorials write it: validate the DTO, save the entity, answer. */
@Controller('events')
class EventsController {
  constructor(@Inject(getRepositoryToken(EventEntity)) private readonly events: Repository<EventEntity>) {}

  @Post()
  @HttpCode(202)
  async record(@Body() dto: EventDto): Promise<{ id: string }> {
    const { id } = await this.events.save(toEntity(dto));
    return { id };
  }
}

@Module({})
class TutorialModule {}

void serve({
  module: TutorialModule,
  imports: [tutorialDatabase(process.argv[2] ?? ''), TypeOrmModule.forFeature([EventEntity])],
  controllers: [EventsController],
});
