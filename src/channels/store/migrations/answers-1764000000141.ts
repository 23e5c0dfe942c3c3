import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What people answered: each once, however often the vendor tells it. Text, payload and number stay only until the team
 * has them (or for three days in vain); without a place to hand them on to they are not kept at all. `offer_at` is real time.
 */
export class Answers1764000000141 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table answer (
        id          uuid primary key,
        provider    text not null,
        vendor_id   text not null,
        channel     text not null,
        kind        text not null,
        message_id  uuid,
        at          timestamptz not null,
        received_at timestamptz not null,
        text        text,
        payload     text,
        phone       text,
        tries       int not null default 0,
        offer_at    timestamptz,
        handed_at   timestamptz
      )`);
    await runner.query(`create unique index answer_once on answer (provider, vendor_id)`);
    await runner.query(`create index answer_to_hand_on on answer (offer_at) where offer_at is not null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
