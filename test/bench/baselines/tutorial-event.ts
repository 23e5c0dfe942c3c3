import {
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsPhoneNumber,
  IsString,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

class PersonDto {
  @IsString()
  @Length(1, 128)
  customerId: string;

  @IsOptional()
  @IsPhoneNumber('IN')
  phone?: string;
}

class KeysDto {
  @IsString()
  @Length(1, 128)
  order: string;

  @IsOptional()
  @IsString()
  @Length(1, 128)
  payment?: string;
}

class AmountDto {
  @IsInt()
  @Min(1)
  value: number;

  @Matches(/^[A-Z]{3}$/)
  currency: string;
}

class ReasonDto {
  @IsString()
  class: string;

  @IsOptional()
  @IsString()
  code?: string;
}

/** The event as a tutorial would take it: a class-validator DTO. */
export class EventDto {
  @IsString()
  @Length(1, 100)
  event: string;

  @IsString()
  @Length(1, 128)
  eventId: string;

  @IsOptional()
  @IsISO8601()
  occurredAt?: string;

  @ValidateNested()
  @Type(() => PersonDto)
  person: PersonDto;

  @ValidateNested()
  @Type(() => KeysDto)
  keys: KeysDto;

  @ValidateNested()
  @Type(() => AmountDto)
  amount: AmountDto;

  @IsOptional()
  @ValidateNested()
  @Type(() => ReasonDto)
  reason?: ReasonDto;

  @IsOptional()
  @IsObject()
  properties?: Record<string, unknown>;
}

/** And as it would keep it. */
@Entity('event')
export class EventEntity {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column({ type: 'text', unique: true })
  eventId: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  customerId: string;

  @Column({ type: 'json' })
  content: EventDto;

  @CreateDateColumn({ type: 'timestamptz' })
  receivedAt: Date;
}

/** One message of the tutorial chain. */
@Entity('message')
export class MessageEntity {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column({ type: 'uuid' })
  eventId: string;

  @Column({ type: 'text' })
  state: string;

  @Column({ type: 'text', nullable: true })
  vendorId: string | null;
}

export const toEntity = (dto: EventDto): Omit<EventEntity, 'id' | 'receivedAt'> => ({
  eventId: dto.eventId,
  name: dto.event,
  customerId: dto.person.customerId,
  content: dto,
});
