-- The tables of a Dateline store.  Unknown is NULL, never 0 and never ''.
-- Keys are short, stable and human ("ain-al-asad"); ids are SQLite's own and mean nothing outside one store.

CREATE TABLE country (                     -- ISO 3166-1, filled when a store is made
    code TEXT PRIMARY KEY CHECK (code GLOB '[A-Z][A-Z]'),
    name TEXT NOT NULL
) STRICT;

CREATE TABLE document (
    id              INTEGER PRIMARY KEY,
    key             TEXT NOT NULL UNIQUE CHECK (key <> ''),
    title           TEXT,
    publisher       TEXT,
    author          TEXT,
    url             TEXT,
    archive_url     TEXT,
    published_edtf  TEXT,
    accessed_at     TEXT,
    language        TEXT,                  -- BCP 47
    reliability     TEXT CHECK (reliability IN ('A', 'B', 'C', 'D', 'E', 'F')),   -- NATO Admiralty code
    text            TEXT,                  -- may be absent: quotes are then unverified
    text_sha256     TEXT CHECK (text_sha256 IS NULL OR length(text_sha256) = 64), -- of the text as UTF-8
    text_length     INTEGER CHECK (text_length >= 0)                              -- Unicode code points
) STRICT;

CREATE TABLE actor (
    id       INTEGER PRIMARY KEY,
    key      TEXT NOT NULL UNIQUE CHECK (key <> ''),
    name     TEXT NOT NULL,
    kind     TEXT,                         -- state_force, armed_group, government, media, civilian, contractor, person ...
    part_of  INTEGER REFERENCES actor (id)
) STRICT;

CREATE TABLE actor_alias (
    id        INTEGER PRIMARY KEY,
    actor_id  INTEGER NOT NULL REFERENCES actor (id) ON DELETE CASCADE,
    alias     TEXT NOT NULL,
    UNIQUE (actor_id, alias)
) STRICT;

CREATE TABLE place (
    id            INTEGER PRIMARY KEY,
    key           TEXT NOT NULL UNIQUE CHECK (key <> ''),
    name          TEXT NOT NULL,
    kind          TEXT,                    -- site, town, district, province, country, sea ...
    country_code  TEXT REFERENCES country (code),
    admin1        TEXT,
    latitude      REAL CHECK (latitude BETWEEN -90 AND 90),
    longitude     REAL CHECK (longitude BETWEEN -180 AND 180),
    where_prec    INTEGER CHECK (where_prec BETWEEN 1 AND 7),   -- UCDP: 1 exact ... 6 country, 7 sea or air
    radius_m      INTEGER CHECK (radius_m > 0),                 -- the point stands for a circle of this radius
    part_of       INTEGER REFERENCES place (id),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
) STRICT;

CREATE TABLE system (
    id       INTEGER PRIMARY KEY,
    key      TEXT NOT NULL UNIQUE CHECK (key <> ''),
    name     TEXT NOT NULL,
    class    TEXT,                         -- uas, rocket, missile, mortar, ied, air_defence, ew, laser, aircraft ...
    part_of  INTEGER REFERENCES system (id)
) STRICT;

CREATE TABLE incident (
    id              INTEGER PRIMARY KEY,
    key             TEXT NOT NULL UNIQUE CHECK (key <> ''),
    kind            TEXT NOT NULL DEFAULT 'incident' CHECK (kind IN ('incident', 'aggregate', 'context')),
    title           TEXT NOT NULL,
    summary         TEXT,
    event_type      TEXT,                  -- a short word of one's own: drone-strike, rocket-fire, interception ...
    sub_event_type  TEXT,                  -- ACLED's sub-event type
    date_edtf       TEXT,                  -- what the source supports, EDTF (ISO 8601-2); the next three follow from it
    date_earliest   TEXT,                  -- first possible day, ISO 8601; NULL when unbounded or undated
    date_latest     TEXT,                  -- last possible day, never after the reporting document's own date
    date_prec       INTEGER CHECK (date_prec BETWEEN 1 AND 5),  -- UCDP: 1 day ... 4 month, 5 longer
    place_id        INTEGER REFERENCES place (id),
    killed_low      INTEGER CHECK (killed_low >= 0),
    killed_best     INTEGER CHECK (killed_best >= 0),
    killed_high     INTEGER CHECK (killed_high >= 0),
    injured_low     INTEGER CHECK (injured_low >= 0),
    injured_best    INTEGER CHECK (injured_best >= 0),
    injured_high    INTEGER CHECK (injured_high >= 0),
    damage          TEXT,                  -- in words
    grade           TEXT CHECK (grade IN ('confirmed', 'fair', 'weak', 'contested', 'discounted')),  -- Airwars
    credibility     INTEGER CHECK (credibility BETWEEN 1 AND 6),                                     -- Admiralty
    status          TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'reviewed')),
    origin          TEXT,                  -- the data set a row was imported from
    origin_id       TEXT,                  -- its own id there
    extra           TEXT,                  -- JSON object: imported columns with no home here
    UNIQUE (origin, origin_id)
) STRICT;
CREATE INDEX incident_by_date ON incident (date_earliest, date_latest);
CREATE INDEX incident_by_latest ON incident (date_latest);
CREATE INDEX incident_by_place ON incident (place_id);
CREATE INDEX incident_unsettled ON incident (id) WHERE date_edtf IS NOT NULL AND date_prec IS NULL;

CREATE TABLE incident_actor (
    id           INTEGER PRIMARY KEY,
    incident_id  INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    actor_id     INTEGER NOT NULL REFERENCES actor (id),
    role         TEXT NOT NULL CHECK (role IN ('attacker', 'target', 'host', 'claimant', 'denier', 'defender', 'affected')),
    attribution  TEXT NOT NULL DEFAULT 'known' CHECK (attribution IN ('known', 'suspected')),
    UNIQUE (incident_id, actor_id, role)
) STRICT;
CREATE INDEX incident_actor_by_actor ON incident_actor (actor_id);

CREATE TABLE incident_system (
    id           INTEGER PRIMARY KEY,
    incident_id  INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    system_id    INTEGER NOT NULL REFERENCES system (id),
    role         TEXT NOT NULL CHECK (role IN ('munition', 'platform', 'air_defence', 'ew')),
    outcome      TEXT CHECK (outcome IN ('hit', 'intercepted', 'missed', 'not_engaged', 'malfunctioned', 'fell_short', 'unknown')),
    count_low    INTEGER CHECK (count_low >= 0),
    count_best   INTEGER CHECK (count_best >= 0),
    count_high   INTEGER CHECK (count_high >= 0),
    UNIQUE (incident_id, system_id, role)
) STRICT;
CREATE INDEX incident_system_by_system ON incident_system (system_id);

-- W3C Web Annotation: a quote is a position ("start", "end": 0-based, end-exclusive, in Unicode code points)
-- and the words themselves with a little of what stands before and after.
CREATE TABLE quote (
    id           INTEGER PRIMARY KEY,
    incident_id  INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    document_id  INTEGER NOT NULL REFERENCES document (id),
    "start"      INTEGER CHECK ("start" >= 0),
    "end"        INTEGER,
    exact        TEXT NOT NULL CHECK (exact <> ''),
    prefix       TEXT,
    suffix       TEXT,
    translation  TEXT,
    CHECK (("start" IS NULL) = ("end" IS NULL)),
    CHECK ("end" IS NULL OR "end" - "start" = length(exact)),
    UNIQUE (incident_id, document_id, "start", exact)
) STRICT;
CREATE INDEX quote_by_incident ON quote (incident_id);
CREATE INDEX quote_by_document ON quote (document_id, "start");

-- Who is speaking: step 1 is whom the document quotes, the last step is the root.  No row: the document's own voice.
CREATE TABLE attribution (
    id        INTEGER PRIMARY KEY,
    quote_id  INTEGER NOT NULL REFERENCES quote (id) ON DELETE CASCADE,
    step      INTEGER NOT NULL CHECK (step >= 1),
    actor_id  INTEGER NOT NULL REFERENCES actor (id),
    verb      TEXT,                        -- said, reported, claimed, denied ...
    UNIQUE (quote_id, step)
) STRICT;
CREATE INDEX attribution_by_actor ON attribution (actor_id);

-- What a quote says of one field.  field: date, place, weapon, attacker, killed, injured, damage ...;
-- "outcome:KEY" is what one air-defence system did.  The incident row carries the analyst's pick.
CREATE TABLE claim (
    id           INTEGER PRIMARY KEY,
    incident_id  INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    quote_id     INTEGER REFERENCES quote (id) ON DELETE CASCADE,
    field        TEXT NOT NULL CHECK (field <> ''),
    value        TEXT,                     -- EDTF for a date, a key for a place, actor or system, else words or a number
    polarity     TEXT NOT NULL DEFAULT 'asserts' CHECK (polarity IN ('asserts', 'denies', 'declines')),
    rank         TEXT NOT NULL DEFAULT 'normal' CHECK (rank IN ('preferred', 'normal', 'deprecated')),   -- Wikidata
    UNIQUE (incident_id, quote_id, field, value, polarity)
) STRICT;
CREATE INDEX claim_by_quote ON claim (quote_id);

CREATE TABLE tag (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE CHECK (name <> '')
) STRICT;

CREATE TABLE incident_tag (
    id           INTEGER PRIMARY KEY,
    incident_id  INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    tag_id       INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    UNIQUE (incident_id, tag_id)
) STRICT;
CREATE INDEX incident_tag_by_tag ON incident_tag (tag_id);

CREATE TABLE note (
    id           INTEGER PRIMARY KEY,
    incident_id  INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    text         TEXT NOT NULL,
    at           TEXT NOT NULL
) STRICT;
CREATE INDEX note_by_incident ON note (incident_id);

CREATE TABLE star (
    incident_id  INTEGER PRIMARY KEY REFERENCES incident (id) ON DELETE CASCADE,
    at           TEXT NOT NULL
) STRICT;

CREATE TABLE view (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE CHECK (name <> ''),
    query   TEXT NOT NULL,
    layout  TEXT,                          -- JSON object
    slot    INTEGER UNIQUE CHECK (slot BETWEEN 1 AND 9)
) STRICT;

CREATE TABLE incident_link (
    id       INTEGER PRIMARY KEY,
    from_id  INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    to_id    INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    kind     TEXT NOT NULL CHECK (kind IN ('same_as', 'retaliates', 'part_of', 'related')),
    CHECK (from_id <> to_id),
    UNIQUE (from_id, to_id, kind)
) STRICT;
CREATE INDEX incident_link_by_to ON incident_link (to_id);

-- Every write by Dateline leaves one row; hash covers the row and the hash of the row before it.
CREATE TABLE log (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         TEXT NOT NULL,              -- UTC, ISO 8601
    who        TEXT NOT NULL,
    what       TEXT NOT NULL,
    before     TEXT,                       -- JSON array of rows
    after      TEXT,
    prev_hash  TEXT NOT NULL,
    hash       TEXT NOT NULL
) STRICT;

-- The three columns that follow from date_edtf are emptied when what they rest on changes; the next program
-- that may write fills them again ("settle").  So plain SQL can never leave a stale interval behind.
CREATE TRIGGER incident_redated AFTER UPDATE OF date_edtf ON incident WHEN new.date_edtf IS NOT old.date_edtf BEGIN
    UPDATE incident SET date_earliest = NULL, date_latest = NULL, date_prec = NULL WHERE id = new.id;
END;

CREATE TRIGGER quote_redates_insert AFTER INSERT ON quote BEGIN
    UPDATE incident SET date_prec = NULL WHERE id = new.incident_id AND date_prec IS NOT NULL;
END;

CREATE TRIGGER quote_redates_update AFTER UPDATE OF incident_id, document_id ON quote
WHEN new.incident_id IS NOT old.incident_id OR new.document_id IS NOT old.document_id BEGIN
    UPDATE incident SET date_prec = NULL WHERE id IN (old.incident_id, new.incident_id) AND date_prec IS NOT NULL;
END;

CREATE TRIGGER quote_redates_delete AFTER DELETE ON quote BEGIN
    UPDATE incident SET date_prec = NULL WHERE id = old.incident_id AND date_prec IS NOT NULL;
END;

CREATE TRIGGER document_redates AFTER UPDATE OF published_edtf ON document
WHEN new.published_edtf IS NOT old.published_edtf BEGIN
    UPDATE incident SET date_prec = NULL
    WHERE date_prec IS NOT NULL AND id IN (SELECT incident_id FROM quote WHERE document_id = new.id);
END;
