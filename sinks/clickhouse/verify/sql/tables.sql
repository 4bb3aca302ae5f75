-- Scratch tables of a verification, beside the tables that it proves.

DROP TABLE IF EXISTS verify_messages;

-- The input stream as it is. lane: p events of producers, c control records of
-- the owners, h history. control: value of the header Ebb-Control. clock: the
-- store time, on h the time in the header Ebb-Clock, Unix ms. unclocked: on h,
-- without a readable one. rows: on h the number in the header Ebb-Rows, 0 where
-- there is none, -1 where that is no number. stored: the store time.
CREATE TABLE verify_messages
(
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    partition UInt16,
    lane      LowCardinality(String),
    control   LowCardinality(String),
    forged    Bool,
    unclocked Bool,
    rows      Int32,
    clock     Int64 CODEC(Delta, ZSTD(1)),
    stored    Int64 CODEC(Delta, ZSTD(1)),
    body      String CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_raw;

-- Its records, each row one. sequence here and in all that follows names the row,
-- too; see rows.sql.
CREATE TABLE verify_raw
(
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    partition UInt16,
    lane      LowCardinality(String),
    control   LowCardinality(String),
    forged    Bool,
    broken    Bool COMMENT 'history that says no clock, or not which rows it holds',
    clock     Int64 CODEC(Delta, ZSTD(1)),
    stored    Int64 CODEC(Delta, ZSTD(1)),
    body      String CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_configs;

-- The configurations that were ever in force, by their version: what records and
-- cuts depend on beside the input. story is the same where nothing differs that
-- the history of a customer depends on.
CREATE TABLE verify_configs
(
    version        UInt64,
    story          UInt32,
    lateness       Int64,
    skew           Int64,
    interval       Int64 COMMENT 'of cuts',
    cut_records    Int64,
    max_bytes      UInt64,
    reject_unknown Bool,
    forget_denied  Bool COMMENT 'events that have their customer forgotten are refused',
    currency       String,
    stay           Int64 COMMENT 'how long customers stay without an event',
    stay_anonymous Int64,
    horizon        Int64 COMMENT 'of the risk',
    scanner        Int64 COMMENT 'how soon after a message reading it is no doing of a person'
)
ENGINE = MergeTree
ORDER BY version;

DROP TABLE IF EXISTS verify_reads;

-- Which columns of customers the metrics of each configuration read.
CREATE TABLE verify_reads (config UInt64, column String)
ENGINE = MergeTree
ORDER BY (config, column);

DROP TABLE IF EXISTS verify_kept;

-- In which partitions and configurations a column is kept, and from which record on it
-- has been; 0 for the beginning.
CREATE TABLE verify_kept (partition UInt16, config UInt64, column String, since UInt64)
ENGINE = MergeTree
ORDER BY (partition, config, column);

DROP TABLE IF EXISTS verify_begun;

-- The same of those that censuses read, side by side; -1 where one is not kept.
CREATE TABLE verify_begun (partition UInt16, config UInt64, seen Int64, engaged Int64, stage Int64, spent Int64, channels Int64, member Int64, deeds Int64)
ENGINE = MergeTree
ORDER BY (partition, config);

DROP TABLE IF EXISTS verify_types;

CREATE TABLE verify_types (config UInt64, name String, type String, kind String, channel String, qualifying Bool, ends Bool, negative Bool, contacts Bool, worst Float64, best Float64, by_survey Bool, money Int8, stage String, weight Float64)
ENGINE = MergeTree
ORDER BY (config, name);

DROP TABLE IF EXISTS verify_channels;

CREATE TABLE verify_channels (config UInt64, channel String)
ENGINE = MergeTree
ORDER BY (config, channel);

DROP TABLE IF EXISTS verify_words;

CREATE TABLE verify_words (config UInt64, key String, text String)
ENGINE = MergeTree
ORDER BY (config, key);

DROP TABLE IF EXISTS verify_currencies;

CREATE TABLE verify_currencies (currency String)
ENGINE = MergeTree
ORDER BY currency;

DROP TABLE IF EXISTS verify_clocks;

-- What the partition's clock is once it has the record, and whether an import
-- is open when it comes.
CREATE TABLE verify_clocks
(
    partition UInt16,
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    position  Int64 CODEC(Delta, ZSTD(1)),
    lane      LowCardinality(String),
    control   LowCardinality(String),
    open      Bool,
    beyond    Bool COMMENT 'its own clock lies beyond its store time and the skew',
    clock     Int64 CODEC(Delta, ZSTD(1)),
    config    UInt64 COMMENT 'version in force once it is taken' CODEC(ZSTD(1)),
    changes   Bool COMMENT 'it brings another configuration',
    watermark Int64 CODEC(Delta, ZSTD(1)),
    span      UInt32 COMMENT 'how often another story began so far' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_spans;

-- Of each partition and span the first record, the first one after it, and what
-- holds in it.
CREATE TABLE verify_spans (partition UInt16, span UInt32, low UInt64, high UInt64, config UInt64)
ENGINE = MergeTree
ORDER BY (partition, span);

DROP TABLE IF EXISTS verify_crossing;

-- Customers whose history began before a span: what is said of them in it follows
-- from two stories, which this does not tell.
CREATE TABLE verify_crossing (span UInt32, customer UInt32, customer_id String)
ENGINE = MergeTree
ORDER BY (span, customer);

DROP TABLE IF EXISTS verify_horizon;

-- The last cut of each partition: its last record, and its clock.
CREATE TABLE verify_horizon (partition UInt16, sequence UInt64, clock Int64)
ENGINE = MergeTree
ORDER BY partition;

DROP TABLE IF EXISTS verify_expired;

-- Of each start of an import: up to when rows of each window length are expired.
CREATE TABLE verify_expired (partition UInt16, clock Int64, until Map(String, Int64))
ENGINE = MergeTree
ORDER BY (partition, clock);

DROP TABLE IF EXISTS verify_parsed;

-- Events, read by the rules. verdict is why a record is refused as far as it
-- shows in the record alone, else empty.
CREATE TABLE verify_parsed
(
    partition   UInt16,
    sequence    UInt64 CODEC(Delta, ZSTD(1)),
    clock       Int64 CODEC(Delta, ZSTD(1)),
    watermark   Int64 CODEC(Delta, ZSTD(1)),
    skew        Int64 CODEC(ZSTD(1)),
    span        UInt32 CODEC(ZSTD(1)),
    verdict     LowCardinality(String),
    time        Int64,
    customer_id String CODEC(ZSTD(1)),
    id          String CODEC(ZSTD(1)),
    name        LowCardinality(String),
    type        LowCardinality(String),
    kind        LowCardinality(String),
    channel     LowCardinality(String),
    qualifying  Bool,
    ends        Bool,
    negative    Bool,
    contacts    Bool,
    trouble     UInt8 COMMENT 'what a negative one is',
    settles     Bool COMMENT 'trouble is over',
    notice      UInt8 COMMENT 'what a passive one is',
    rated       Bool,
    rating      Int16,
    graded      Bool COMMENT 'and that is a score',
    currency    LowCardinality(String),
    value       Int128 COMMENT 'in millionths',
    paid        Float64 COMMENT 'by the customer, in units of the currency; below 0 what they got back',
    config      UInt64 COMMENT 'in force',
    stage       LowCardinality(String),
    money       Int8 COMMENT '1: its value is paid, -1: given back',
    score       Nullable(Float64),
    sentiment   Nullable(Float64),
    duration    Nullable(Float64),
    progress    Nullable(Float64),
    session     String CODEC(ZSTD(1)),
    device      String CODEC(ZSTD(1)),
    campaign    String CODEC(ZSTD(1)),
    message     String CODEC(ZSTD(1)),
    product     String CODEC(ZSTD(1)),
    properties  String COMMENT 'as JSON' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_customers;

CREATE TABLE verify_customers (customer_id String, customer UInt32, home UInt16)
ENGINE = MergeTree
ORDER BY customer_id;

DROP TABLE IF EXISTS verify_verdicts;

-- The final verdict of each event record: a reason, late, duplicate, or empty
-- where it is accepted.
CREATE TABLE verify_verdicts
(
    partition UInt16,
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    verdict   LowCardinality(String),
    customer  UInt32
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_accepted;

-- Accepted events up to the last cut.
CREATE TABLE verify_accepted
(
    partition  UInt16,
    sequence   UInt64 CODEC(Delta, ZSTD(1)),
    span       UInt32 CODEC(ZSTD(1)),
    time       Int64 CODEC(Delta, ZSTD(1)),
    customer   UInt32,
    type       LowCardinality(String),
    kind       LowCardinality(String),
    channel    LowCardinality(String),
    qualifying Bool,
    ends       Bool,
    negative   Bool,
    contacts   Bool,
    trouble    UInt8,
    settles    Bool,
    notice     UInt8,
    rated      Bool,
    rating     Int16,
    graded     Bool,
    currency   LowCardinality(String),
    value      Int128,
    paid       Float64,
    config     UInt64,
    stage      LowCardinality(String),
    money      Int8,
    life       UInt64 COMMENT 'the event with which the customer began anew; 0 where they never left',
    score      Nullable(Float64),
    sentiment  Nullable(Float64),
    duration   Nullable(Float64),
    progress   Nullable(Float64),
    session    String CODEC(ZSTD(1)),
    device     String CODEC(ZSTD(1)),
    campaign   String CODEC(ZSTD(1)),
    message    String CODEC(ZSTD(1)),
    product    String CODEC(ZSTD(1)),
    properties String CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (partition, time);

DROP TABLE IF EXISTS verify_left;

-- Anonymous customers who have joined a known one: from a record on, in windows that end
-- after a time, their earlier events count nobody any more.
CREATE TABLE verify_left (partition UInt16, customer UInt32, sequence UInt64, until Int64)
ENGINE = MergeTree
ORDER BY (partition, customer);

DROP TABLE IF EXISTS verify_came;

-- Where known customers were active before they were known, and after which end windows
-- count them for it.
CREATE TABLE verify_came (partition UInt16, customer UInt32, kind LowCardinality(String), time Int64, since Int64)
ENGINE = MergeTree
ORDER BY (partition, time);

DROP TABLE IF EXISTS verify_arrived;

-- The records that bring something to customers who have not left by then.
CREATE TABLE verify_arrived (partition UInt16, customer UInt32, sequence UInt64)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_heard_before;

-- When customers were heard of before they were known, and last sent a message: with the
-- record that says that it was them.
CREATE TABLE verify_heard_before
(
    partition UInt16,
    customer  UInt32,
    sequence  UInt64,
    clock     Int64,
    config    UInt64,
    span      UInt32,
    heard     Int64,
    message   Int64
)
ENGINE = MergeTree
ORDER BY (partition, customer, sequence);

DROP TABLE IF EXISTS verify_carried;

-- What known customers did before they were known, as columns hold it of them from the
-- record on that says so. seen to deeds: where the column begins in which the event
-- counts, -1 where it does not; so it is in verify_begun.
CREATE TABLE verify_carried
(
    partition  UInt16,
    sequence   UInt64 COMMENT 'of the record' CODEC(Delta, ZSTD(1)),
    customer   UInt32,
    in_force   UInt64 COMMENT 'version of the configuration there',
    life       UInt64 COMMENT 'of the known one there, as in verify_accepted',
    since      UInt64 COMMENT 'the same, as in verify_lifetimes',
    place      UInt64 COMMENT 'of the event, where it is',
    config     UInt64 COMMENT 'version of the configuration there',
    time       Int64,
    type       LowCardinality(String),
    kind       LowCardinality(String),
    channel    LowCardinality(String),
    device     String,
    negative   Bool,
    stage      LowCardinality(String),
    paid       Int128,
    currency   LowCardinality(String),
    rated      Bool,
    rating     Int16,
    progress   Nullable(Float64),
    seen       Int64,
    engaged    Int64,
    staged     Int64,
    spent      Int64,
    channels   Int64,
    member     Int64,
    deeds      Int64,
    in_stage   Bool COMMENT 'it is the newest of the anonymous one that has a stage',
    on_channel Bool COMMENT 'and so with a channel'
)
ENGINE = MergeTree
ORDER BY (partition, customer, sequence);

DROP TABLE IF EXISTS verify_lived;

-- The events with which customers who had left began anew.
CREATE TABLE verify_lived (partition UInt16, customer UInt32, sequence UInt64)
ENGINE = MergeTree
ORDER BY (partition, customer, sequence);

DROP TABLE IF EXISTS verify_lives;

-- Of customers who have left: the events with which they began anew, and those
-- in between that tell nothing, because they are late and of long ago.
CREATE TABLE verify_lives (partition UInt16, customer UInt32, sequence UInt64, begins Bool, clock Int64)
ENGINE = MergeTree
ORDER BY (partition, customer, sequence);

DROP TABLE IF EXISTS verify_histories;

DROP TABLE IF EXISTS verify_brought;

-- The histories that customers bring with them who were anonymous: with the record that
-- says that it was them, row by row what is a visit, a slot or a payment, and once what
-- else is known, which the other rows do not say.
CREATE TABLE verify_brought
(
    partition UInt16,
    customer  UInt32,
    sequence  UInt64 COMMENT 'of the record, in the partition of who they are',
    slot      Int64,
    marks     Bool,
    counted   Bool,
    newest    Bool COMMENT 'it is in the newest slot, no pause before they said who they are',
    joined_at Int64 COMMENT 'when they said it',
    follows   Bool COMMENT 'it is an event of later',
    late      Bool COMMENT 'which is late',
    time      Int64,
    paid      Float64,
    faded_by  Int64 COMMENT 'the time by which the payment has faded; -1 where it does not fade yet',
    currency  LowCardinality(String),
    whole     Bool COMMENT 'this is the row of what else is known',
    first     Int64,
    last      Int64,
    latest    Int64,
    negatives UInt64,
    rating    Int16,
    graded    Bool,
    trouble   Int64,
    told      Bool COMMENT 'there was trouble, or the end of it',
    settled   Bool,
    heard     UInt8,
    came      Bool,
    ended     Int64,
    message   Int64
)
ENGINE = MergeTree
ORDER BY (partition, customer, sequence);

-- What each accepted event leaves behind of its customer, if signals name them.
CREATE TABLE verify_histories
(
    partition UInt16,
    customer  UInt32,
    sequence  UInt64,
    slot      Int64 COMMENT 'of the event itself',
    marks     Bool COMMENT 'it is the first in its slot that counts against silence',
    first     Int64,
    last      Int64,
    latest    Int64 COMMENT 'of any kind',
    visits    UInt64 COMMENT 'active slots so far',
    left      Bool COMMENT 'has ended the relation, and not engaged since',
    negatives UInt64 COMMENT 'negative events so far',
    rating    Int16 COMMENT 'the newest, from -100 to 100',
    messages  UInt64 COMMENT 'of the company since last moved',
    trouble   Int64 COMMENT 'the newest negative event so far: its minute, times 32, and what it is',
    settled   Bool COMMENT 'the newest of trouble and its end, by arrival, is the end',
    heard     UInt8 COMMENT 'the notice that the newest event is',
    graded    Bool COMMENT 'the newest rating is a score',
    came      Bool COMMENT 'an engagement so far was no purchase',
    ended     Int64 COMMENT 'when the relation was ended, -1 if it never was',
    message   Int64 COMMENT 'the newest that the company sent so far',
    told      Bool COMMENT 'there was trouble, or the end of it, so far',
    event     Tuple(qualifying Bool, ours Bool, scanned Bool, ends Bool, negative Bool, trouble UInt8, settles Bool, notice UInt8, rated Bool, rating Int16, graded Bool),
    time      Int64,
    counted   Bool COMMENT 'it is a visit',
    weight    Int8 COMMENT 'of the visit: -1 takes one away that counts twice',
    paid      Float64,
    currency  LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (partition, customer, sequence);

DROP TABLE IF EXISTS verify_moments;

-- What is to be known of a customer once the input has come to a sequence that
-- a signal names: from the clock of that record to the clock of the next.
CREATE TABLE verify_moments
(
    partition   UInt16,
    customer_id String,
    sequence    UInt64,
    config      UInt64,
    clock       Int64,
    until       Int64,
    first       Int64,
    last        Int64,
    latest      Int64,
    visits      UInt64,
    left        Bool,
    negatives   UInt64,
    rating      Int16,
    messages    UInt64,
    trouble     Int64,
    settled     Bool,
    heard       UInt8,
    graded      Bool,
    came        Bool,
    ended       Int64,
    recent      UInt64,
    before      UInt64,
    visits_recent UInt64,
    visits_before UInt64
)
ENGINE = MergeTree
ORDER BY (partition, customer_id, sequence);

DROP TABLE IF EXISTS verify_measured;

-- What the proofs of metrics say, added up by slices that all windows are made of,
-- and the first record that says it.
CREATE TABLE verify_measured
(
    metric     LowCardinality(String),
    partition  UInt16,
    slice      Int64 CODEC(Delta, ZSTD(1)),
    dimensions Array(String) CODEC(ZSTD(1)),
    first      UInt64 CODEC(ZSTD(1)),
    measures   Array(Int128) CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (metric, partition, slice);

DROP TABLE IF EXISTS verify_rolled;

-- What accepted events say in the rollups of users, each event once for each
-- rollup that takes it.
CREATE TABLE verify_rolled
(
    partition UInt16,
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    time      Int64 CODEC(Delta, ZSTD(1)),
    config    UInt64,
    rollup    LowCardinality(String),
    at_most   UInt64,
    key1      String CODEC(ZSTD(1)),
    key2      String CODEC(ZSTD(1)),
    key3      String CODEC(ZSTD(1)),
    other1    LowCardinality(String) COMMENT 'the keys where the row is not told apart',
    other2    LowCardinality(String),
    other3    LowCardinality(String),
    currency  LowCardinality(String),
    metric    LowCardinality(String) COMMENT 'that is cut; empty where events count',
    value     Int128,
    slots     Array(Int128) COMMENT 'of a cut: count and sum of each'
)
ENGINE = MergeTree
ORDER BY (partition, rollup, time);

DROP TABLE IF EXISTS verify_rolled_rows;

-- The rows that are told apart, since which record.
CREATE TABLE verify_rolled_rows
(
    partition UInt16,
    rollup    LowCardinality(String),
    key1      String,
    key2      String,
    key3      String,
    currency  LowCardinality(String),
    metric    LowCardinality(String),
    since     UInt64,
    known     Bool
)
ENGINE = MergeTree
ORDER BY (partition, rollup);

DROP TABLE IF EXISTS verify_dated;

-- Events of people and of the company with the day of the calendar, what of them columns
-- hold, and since where: with which of them the column begins.
CREATE TABLE verify_dated
(
    partition     UInt16,
    sequence      UInt64 CODEC(Delta, ZSTD(1)),
    customer      UInt32,
    day           Int32,
    engages       Bool,
    stage         LowCardinality(String),
    paid          Int128,
    currency      LowCardinality(String),
    life          UInt64,
    engaged_since Int64,
    stage_since   Int64,
    spent_since   Int64,
    came          UInt8 COMMENT '1: with who they were before, 2: and that one was in this stage'
)
ENGINE = MergeTree
ORDER BY (partition, customer, sequence);

DROP TABLE IF EXISTS verify_fields;

-- What the customer of each event was before it.
CREATE TABLE verify_fields
(
    partition UInt16,
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    level     LowCardinality(String),
    recency   LowCardinality(String),
    frequency LowCardinality(String),
    monetary  LowCardinality(String),
    lifecycle LowCardinality(String),
    stage     LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_calendar;

-- When days end, in the time zone of each configuration. A day is a number: days since
-- 1970-01-01.
CREATE TABLE verify_calendar (config UInt64, day Int32, ends Int64)
ENGINE = MergeTree
ORDER BY (config, day);

DROP TABLE IF EXISTS verify_days;

-- The days that partitions have counted: with what was known at which record, and at
-- which clock.
CREATE TABLE verify_days (partition UInt16, day Int32, ends Int64, sequence UInt64, clock Int64, config UInt64)
ENGINE = MergeTree
ORDER BY (partition, day);

DROP TABLE IF EXISTS verify_lifetimes;

-- The lives of customers: from since on, to next, exclusive; heard of up to heard.
CREATE TABLE verify_lifetimes (partition UInt16, customer UInt32, anonymous Bool, since UInt64, next UInt64, heard Int64)
ENGINE = MergeTree
ORDER BY (partition, customer, since);

DROP TABLE IF EXISTS verify_active;

-- The days on which they did something, and those on which they engaged, by life, as far
-- back as the column goes: since is where both have begun, sequence from where on it is
-- known of them. So it is in the tables below.
CREATE TABLE verify_active (partition UInt16, customer UInt32, since UInt64, sequence UInt64, day Int32, engaged Bool)
ENGINE = MergeTree
ORDER BY (partition, customer, since);

DROP TABLE IF EXISTS verify_told;

-- What else events tell of customers, by life: in which stage of the journey they are,
-- and what they paid. came is as in verify_dated.
CREATE TABLE verify_told (partition UInt16, customer UInt32, since UInt64, sequence UInt64, stage String, paid Int128, currency String, came UInt8)
ENGINE = MergeTree
ORDER BY (partition, customer, since);

DROP TABLE IF EXISTS verify_places;

-- On which channels and devices they were active, by life, from which record on.
CREATE TABLE verify_places (partition UInt16, customer UInt32, since UInt64, device Bool, place String, sequence UInt64)
ENGINE = MergeTree
ORDER BY (partition, customer, since);

DROP TABLE IF EXISTS verify_deeds;

-- What else customers did, by life: on which day and in which week, counted from that of
-- 1 January 1970. deed: loyalty, cognitive (points), behavioural, or emotional (a rating
-- in hundredths). times is of how many it is the sum.
CREATE TABLE verify_deeds (partition UInt16, customer UInt32, since UInt64, sequence UInt64, day Int32, week Int32, deed LowCardinality(String), points Int32, times UInt16)
ENGINE = MergeTree
ORDER BY (partition, customer, since);

DROP TABLE IF EXISTS verify_people;

-- What a census knows of each customer, and of nobody, as customer 0.
CREATE TABLE verify_people
(
    partition UInt16,
    day       Int32,
    customer  UInt32,
    seen      Array(Int32) COMMENT 'how many days ago they did something',
    engaged   Array(Int32) COMMENT 'the same, that qualifies',
    first     Int32 COMMENT 'day of the first that qualifies; -1 for none yet',
    recency   Int32 COMMENT 'how many days ago the last was that qualifies',
    stage     LowCardinality(String) COMMENT 'of the journey',
    furthest  LowCardinality(String),
    spent     Int128 COMMENT 'in millionths',
    currency  LowCardinality(String),
    level     LowCardinality(String) COMMENT 'of risk',
    channels  UInt32 COMMENT 'on so many channels they were active',
    devices   UInt32,
    sequence  UInt64 COMMENT 'of the last record that the count knows of',
    member    UInt64 COMMENT 'since of what verify_deeds says of loyalty',
    deeds     UInt64 COMMENT 'since of what it says of the rest'
)
ENGINE = MergeTree
ORDER BY (partition, day);
