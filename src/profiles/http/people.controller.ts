import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsString, Matches, MaxLength } from 'class-validator';
import { notFound, Problem } from '@wapas/problems';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { checkedId } from '../../http/checked-id';
import { FindPeople, type Person } from '../find-people';
import { MayBeAbsent } from '../../http/may-be-absent';

export class FindPeopleDto {
  @ApiPropertyOptional({ example: 'cust_8812', description: 'Your id for the customer.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(128)
  customerId?: string;

  @ApiPropertyOptional({
    example: '+919812345678',
    description: 'E.164, or a national number of the default country. Several people may share one.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(40)
  phone?: string;

  @ApiPropertyOptional({ example: '5678', description: 'The last four digits of a phone. Gives the first 50 people.' })
  @MayBeAbsent()
  @Matches(/^\d{4}$/)
  phoneEnding?: string;
}

class AddressDto {
  @ApiProperty({ enum: ['phone', 'email', 'push_token', 'whatsapp_id'], example: 'phone', description: 'What kind of address.' })
  kind: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '••••5678',
    description: 'Its last four characters; null: it cannot be opened, its key is missing or it is damaged.',
  })
  ending: string | null;

  @ApiProperty({
    example: '2026-11-23T05:32:09.000Z',
    description:
      'When it was last seen in an event; of a number they moved to, when the one before was, as long as no event has shown it.',
  })
  lastSeenAt: string;

  @ApiPropertyOptional({ example: 'android', description: 'Of a push token: the kind of device.' })
  platform?: string;

  @ApiPropertyOptional({ example: 'fcm_token', description: 'Of a push token: what kind of name it is.' })
  tokenKind?: string;

  @ApiPropertyOptional({
    example: 'granted',
    description: 'Of a push token: whether the app may show notifications. Denied: no push goes there.',
  })
  permission?: string;

  @ApiPropertyOptional({ example: 'in.example.shop', description: 'Of a push token: which app.' })
  app?: string;

  @ApiProperty({
    type: [Object],
    example: [{ channel: 'whatsapp', reason: 'bad_address', until: '2026-12-23T05:32:09.000Z' }],
    description: 'Channels on which it is of no use now, why, and until when it counts as such; null: for good.',
  })
  blocks: { channel: string; reason: string; until: string | null }[];
}

class TraitsDto {
  @ApiProperty({ type: String, nullable: true, example: 'hi', description: 'Language, BCP 47.' })
  language: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Asia/Kolkata', description: 'IANA zone.' })
  timeZone: string | null;

  @ApiProperty({ example: false, description: 'Under 18: no marketing.' })
  minor: boolean;

  @ApiProperty({
    enum: ['on', 'off', 'unknown'],
    example: 'unknown',
    description: 'Whether they are in the do-not-disturb register.',
  })
  dnd: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-23T05:32:09.000Z',
    description: 'Last seen in an event, to within an hour.',
  })
  lastSeenAt: string | null;
}

class PersonDto {
  @ApiProperty({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The person.' })
  id: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description:
      'When they were erased: nothing of theirs is left but the log, and nothing is sent to them; null: they were not.',
  })
  erasedAt: string | null;

  @ApiProperty({ type: TraitsDto, description: 'What is known of them.' })
  traits: TraitsDto;

  @ApiProperty({ type: [AddressDto], description: 'Where they can be reached.' })
  addresses: AddressDto[];
}

class IdentityEntryDto {
  @ApiProperty({
    enum: ['met', 'recognised', 'token_taken', 'token_lost', 'number_changed', 'vendor_named', 'merged', 'merged_into'],
    example: 'recognised',
    description:
      'met: a new person. recognised: a known one showed another identifier. token_*: a device changed hands. number_changed: their vendor said that they are at this number now. vendor_named: their vendor calls whoever is at their number so. merged: a guest turned out to be them; the key is the guest.',
  })
  what: string;

  @ApiProperty({ example: 'customer', description: 'What kind of identifier.' })
  kind: string;

  @ApiProperty({ format: 'uuid', example: '5b0c3f52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'Its keyed hash.' })
  key: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
    description: 'The event that said so.',
  })
  eventId: string | null;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When.' })
  at: string;
}

class IdentityDto {
  @ApiProperty({ type: [IdentityEntryDto], description: 'Oldest first, at most a thousand.' })
  entries: IdentityEntryDto[];
}

class PeopleDto {
  @ApiProperty({ type: [PersonDto], description: 'Everybody who is known by it.' })
  people: PersonDto[];
}

@ApiTags('People')
@ApiBearerAuth()
@Controller('v1/people')
export class PeopleController {
  constructor(@Inject(FindPeople) private readonly findPeople: FindPeople) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'Find people by customer id, phone or the end of a phone' })
  @ApiResponse({ status: 200, description: 'Possibly nobody.', type: PeopleDto })
  @ApiProblems(401, 403, 422)
  async find(@Query() { customerId, phone, phoneEnding }: FindPeopleDto): Promise<PeopleDto> {
    if ([customerId, phone, phoneEnding].filter((one) => one !== undefined).length !== 1)
      throw new Problem(422, 'one_identifier', 'Give one of customerId, phone and phoneEnding.');
    return { people: (await this.found(customerId, phone, phoneEnding)).map(toDto) };
  }

  @Get(':id/identity')
  @Needs('read')
  @ApiOperation({
    summary: 'How it came to be known who this is',
    description:
      'Every identifier with the event it was learnt from, and devices that changed hands. Identifiers as keyed hashes.',
  })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The person.' })
  @ApiResponse({ status: 200, description: 'Oldest first.', type: IdentityDto })
  @ApiProblems(400, 401, 403, 404)
  async identity(@Param('id') id: string): Promise<IdentityDto> {
    const entries = await this.findPeople.identityOf(checkedId(id));
    if (!entries) throw notFound('person');
    return { entries: entries.map(({ what, kind, key, eventId, at }) => ({ what, kind, key, eventId, at: at.toISOString() })) };
  }

  private async found(
    customerId: string | undefined,
    phone: string | undefined,
    phoneEnding: string | undefined,
  ): Promise<Person[]> {
    if (customerId !== undefined) return this.findPeople.byCustomerId(customerId);
    return phone === undefined ? this.findPeople.byPhoneEnding(phoneEnding as string) : this.findPeople.byPhone(phone);
  }

  @Get(':id')
  @Needs('read')
  @ApiOperation({ summary: 'One person, addresses shortened' })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The person.' })
  @ApiResponse({ status: 200, description: 'The person.', type: PersonDto })
  @ApiProblems(400, 401, 403, 404)
  async one(@Param('id') id: string): Promise<PersonDto> {
    const person = await this.findPeople.byId(checkedId(id));
    if (!person) throw notFound('person');
    return toDto(person);
  }
}

const toDto = ({ id, erasedAt, traits, addresses }: Person): PersonDto => ({
  id,
  erasedAt: erasedAt?.toISOString() ?? null,
  traits: {
    language: traits.language,
    timeZone: traits.timeZone,
    minor: traits.minor,
    dnd: traits.dnd,
    lastSeenAt: traits.lastSeenAt?.toISOString() ?? null,
  },
  addresses: addresses.map(({ kind, value, lastSeenAt, blocks, platform, tokenKind, permission, app }) => ({
    kind,
    ending: value === null ? null : `••••${value.slice(-4)}`,
    lastSeenAt: lastSeenAt.toISOString(),
    platform: platform ?? undefined,
    tokenKind: tokenKind ?? undefined,
    permission: permission ?? undefined,
    app: app ?? undefined,
    blocks: (blocks ?? []).map(({ channel, reason, until }) => ({
      channel,
      reason,
      until: until === null ? null : new Date(until).toISOString(),
    })),
  })),
});
