import 'reflect-metadata';
import { BullModule, getQueueToken, Process, Processor } from '@nestjs/bull';
import { Body, Controller, HttpCode, Inject, Module, Post } from '@nestjs/common';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import { type Job, type Queue } from 'bull';
import { type Repository } from 'typeorm';
import { tokenOf } from '../events';
import { serve, tutorialDatabase } from './tutorial-app';
import { EventDto, EventEntity, MessageEntity, toEntity } from './tutorial-event';

const [databaseUrl = '', redisUrl = '', providerUrl = ''] = process.argv.slice(2);
const DELAY_MS = 1_000;
/** More jobs at once than the default of one: the tutorial waits for Postgres and for the provider, and need not do so in a line. */
const AT_ONCE = 16;

interface StepJob {
  readonly eventId: string;
}

/** Save the event, then one delayed job for its step. */
@Controller('events')
class EventsController {
  constructor(
    @Inject(getRepositoryToken(EventEntity)) private readonly events: Repository<EventEntity>,
    @Inject(getQueueToken('steps')) private readonly steps: Queue<StepJob>,
  ) {}

  @Post()
  @HttpCode(202)
  async record(@Body() dto: EventDto): Promise<{ id: string }> {
    const { id } = await this.events.save(toEntity(dto));
    await this.steps.add('send', { eventId: id }, { delay: DELAY_MS, removeOnComplete: true });
    return { id };
  }
}

/** Find the event, save a message, call the provider, save what it said. No locks, no guard, no consent, no history. */
@Processor('steps')
class StepsProcessor {
  constructor(
    @Inject(getRepositoryToken(EventEntity)) private readonly events: Repository<EventEntity>,
    @Inject(getRepositoryToken(MessageEntity)) private readonly messages: Repository<MessageEntity>,
  ) {}

  @Process({ name: 'send', concurrency: AT_ONCE })
  async send(job: Job<StepJob>): Promise<void> {
    const event = await this.events.findOneByOrFail({ id: job.data.eventId });
    const message = await this.messages.save({ eventId: event.id, state: 'sending', vendorId: null });
    const { name } = await push(event);
    await this.messages.save({ ...message, state: 'sent', vendorId: name });
  }
}

/** The address is made up from the customer's number instead of being looked up: that much is given to the tutorial. */
async function push({ customerId, content }: EventEntity): Promise<{ name: string }> {
  const response = await fetch(`${providerUrl}/v1/projects/tutorial/messages:send`, {
    method: 'POST',
    headers: { authorization: 'Bearer tutorial', 'content-type': 'application/json' },
    body: JSON.stringify({
      message: {
        token: tokenOf(Number(customerId.slice('cust_'.length))),
        notification: { title: 'Payment not completed', body: `Payment of ${content.amount.value / 100} didn't go through.` },
      },
    }),
  });
  if (!response.ok) throw new Error(`The provider answered ${response.status}.`);
  return (await response.json()) as { name: string };
}

@Module({})
class TutorialModule {}

void serve({
  module: TutorialModule,
  imports: [
    tutorialDatabase(databaseUrl),
    TypeOrmModule.forFeature([EventEntity, MessageEntity]),
    BullModule.forRoot({ url: redisUrl }),
    BullModule.registerQueue({ name: 'steps' }),
  ],
  controllers: [EventsController],
  providers: [StepsProcessor],
});
