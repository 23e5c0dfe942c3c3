import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What a what-if replay counts, by day, step, channel, outcome and reason; added to with every piece that is committed. Money is in
 * thousandths of the currency's minor unit. Safe beside the previous version, which orders no what-if.
 */
export class WhatIfTallies1764200000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table replay_tally (
        replay_id uuid not null,
        day       date not null,
        step      text not null,
        channel   text not null,
        outcome   text not null,
        reason    text not null,
        currency  text not null,
        messages  int not null,
        units     int not null,
        assumed   int not null,
        unpriced  int not null,
        milli     bigint not null,
        gst_milli bigint not null,
        primary key (replay_id, day, step, channel, outcome, reason, currency)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
