import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What the reports count: outcomes know the person and the drop-off, touches know what was heard and what is billed, and
 * three roll-up tables hold the counts by quarter of an hour of entry (every time zone is whole quarters from UTC).
 * `outcome_stale` lists the quarters whose counts are out of date; it is only added to, so that handlers never wait for
 * each other or for the roll-up. Safe beside the previous version: it only adds, and what the old version writes without
 * a person counts as a person of its own.
 */
export class RollUps1764000000160 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table outcome
        add column person_id uuid,
        add column variant text not null default '',
        add column dropped_at timestamptz`);
    await runner.query(`update outcome o set person_id = r.person_id from run r where r.id = o.run_id`);
    await runner.query(`create index outcome_of_person on outcome (person_id, journey_key, entered_at)`);
    await runner.query(`
      alter table touch
        add column provider text,
        add column step text,
        add column delivered_at timestamptz,
        add column read_at timestamptz,
        add column clicked_at timestamptz,
        add column failed_at timestamptz,
        add column category text,
        add column billable boolean,
        add column parts smallint`);
    await runner.query(`
      update touch t set provider = m.provider, step = m.step, delivered_at = r.delivered, read_at = r.read, clicked_at = r.clicked, failed_at = r.failed
      from message m left join lateral (
        select min(received_at) filter (where kind = 'delivered') as delivered, min(received_at) filter (where kind in ('read', 'opened')) as read,
               min(received_at) filter (where kind in ('clicked', 'replied')) as clicked, min(received_at) filter (where kind = 'failed') as failed
        from receipt where message_id = m.id) r on true
      where m.id = t.message_id`);
    await runner.query(`
      create table outcome_stale (
        id          bigint generated always as identity primary key,
        journey_key text not null,
        slot        timestamptz not null
      ) with (autovacuum_vacuum_scale_factor = 0.05)`);
    await runner.query(`create index outcome_stale_of_journey on outcome_stale (journey_key, slot)`);
    await runner.query(`
      insert into outcome_stale (journey_key, slot)
      select distinct journey_key, date_bin('15 minutes', entered_at, timestamptz '2000-01-01Z') from outcome`);
    const cell = `
        journey_key  text not null,
        slot         timestamptz not null,
        version      int not null,
        variant      text not null,
        arm          text not null,
        reason_class text not null,
        counts       boolean not null,`;
    await runner.query(`
      create table entry_rollup (${cell}
        latency_bin  smallint,
        entered      int not null,
        eligible     int not null,
        messaged     int not null,
        recovered    int not null
      )`);
    await runner.query(`create index entry_rollup_cell on entry_rollup (journey_key, slot)`);
    await runner.query(`
      create table recovery_rollup (${cell}
        channel      text,
        attributed   boolean not null,
        within_bin   smallint not null,
        currency     text,
        recovered    int not null,
        amount       bigint not null,
        squares      numeric not null
      )`);
    await runner.query(`create index recovery_rollup_cell on recovery_rollup (journey_key, slot)`);
    await runner.query(`
      create table message_rollup (${cell}
        channel      text not null,
        provider     text,
        state        text not null,
        category     text,
        billable     boolean,
        parts        smallint,
        called_on    date not null,
        messages     int not null,
        delivered    int not null,
        read         int not null,
        clicked      int not null,
        failed       int not null
      )`);
    await runner.query(`create index message_rollup_cell on message_rollup (journey_key, slot)`);
    await runner.query(`create index message_rollup_day on message_rollup (called_on)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
